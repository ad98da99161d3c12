/** Strategy: sessions in one Redis server that appends every write to a file, synced once a second. */
import type { Strategy } from './strategy.ts'

/** The replica is the same as with `redis`; only the Redis server is configured differently. */
export const redisAof: Strategy = {
  name: 'redis-aof',
  summary: 'in a shared Redis with an append-only file, synced every second (connect-redis)',
  needs: ['redis-aof'],
  routing: 'round-robin',
  async open(config) {
    const { openRedisSession } = await import('../sessions/redis-session.ts')
    return openRedisSession(config)
  },
}
