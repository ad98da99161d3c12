import { defineConfig } from 'vitest/config'

// The machine has few cores and integration tests start whole clusters: two files at a time is what two cores bear.
export default defineConfig({
  test: {
    include: ['servers/**/*.test.ts', 'bench/**/*.test.ts', 'tools/**/*.test.ts'],
    globalSetup: 'bench/testing/global-setup.ts',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
