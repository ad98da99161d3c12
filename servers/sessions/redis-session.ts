/** Sessions in a Redis server that all replicas share, kept by connect-redis under express-session. */
import { RedisStore } from 'connect-redis'
import type { ReplicaConfig } from '../config.ts'
import type { OpenStrategy } from '../strategies/strategy.ts'
import { openExpressSession } from './express-session.ts'
import { connectRedis } from './redis-client.ts'
import { SESSION_TTL_MS } from './session-cookie.ts'

/**
 * @throws {ConfigError} when REDIS_URL is missing or is no such URL
 * @throws {StartError} when Redis does not answer
 */
export async function openRedisSession(config: ReplicaConfig): Promise<OpenStrategy> {
  const redis = await connectRedis(config)
  return openExpressSession(config.sessionSecret, {
    store: new RedisStore({ client: redis.commands, ttl: SESSION_TTL_MS / 1000 }),
    healthy: redis.healthy,
    close: redis.close,
  })
}
