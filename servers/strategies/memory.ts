/** Strategy: every replica keeps the sessions it made in its own memory. */
import type { Strategy } from './strategy.ts'

/** The state of affairs of an app that was written for one process. */
export const memory: Strategy = {
  name: 'memory',
  summary: 'in the memory of each replica (express-session MemoryStore), requests to replicas in turn',
  needs: [],
  routing: 'round-robin',
  async open(config) {
    const { openMemorySession } = await import('../sessions/memory-session.ts')
    return openMemorySession(config)
  },
}
