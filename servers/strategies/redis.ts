/** Strategy: sessions in one Redis server that writes snapshots at its default save points. */
import type { Strategy } from './strategy.ts'

/** Replicas keep nothing; what Redis has not yet saved to disk is lost when it crashes. */
export const redis: Strategy = {
  name: 'redis',
  summary: 'in a shared Redis with its default save points (connect-redis)',
  needs: ['redis'],
  routing: 'round-robin',
  async open(config) {
    const { openRedisSession } = await import('../sessions/redis-session.ts')
    return openRedisSession(config)
  },
}
