/** Holds the test command to saying what is missing: once, in every test that needs it, and in no other. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runToEnd } from '../binaries/process-group.ts'
import { temporaryFolder } from './temporary-folder.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))
const vitest = join(project, 'node_modules/vitest/vitest.mjs')

test('a program that cannot be found or fetched: tests of clusters fail with the reason, the others run', async () => {
  using folder = temporaryFolder()
  const gone = join(folder.path, 'redis-server')
  const files = ['servers/testing/redis-process.integration.test.ts', 'bench/stats/mean.test.ts']
  const args = [vitest, 'run', '--root', project, '--reporter', 'tap-flat', ...files]
  const { code, output } = await runToEnd(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: folder.path, NO_COLOR: '1', SESSIONBENCH_REDIS_SERVER: gone },
  })
  const reason = `SESSIONBENCH_REDIS_SERVER names ${gone}, which does not run as redis-server`
  expect(output).toContain(`${reason}: spawn ${gone} ENOENT\nCorrect SESSIONBENCH_REDIS_SERVER`)
  expect(output).toMatch(/^not ok .* one that is disposed of leaves neither folder nor process behind/m)
  expect(output).toContain(`message: "${reason}`)
  expect(output).toMatch(/^ok .*mean\.test\.ts/m)
  expect(output).not.toMatch(/^not ok .*mean\.test\.ts/m)
  expect(code).toBe(1)
})
