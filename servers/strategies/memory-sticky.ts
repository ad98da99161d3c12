/** Strategy: sessions in each replica's memory, and a balancer that keeps a visitor at one replica. */
import type { Strategy } from './strategy.ts'

/** The route cookie is set by the balancer, from `X-Replica`; the replica itself is the same as with `memory`. */
export const memorySticky: Strategy = {
  name: 'memory-sticky',
  summary: 'in the memory of each replica, visitors kept at one replica by a route cookie',
  needs: [],
  routing: 'sticky',
  async open(config) {
    const { openMemorySession } = await import('../sessions/memory-session.ts')
    return openMemorySession(config)
  },
}
