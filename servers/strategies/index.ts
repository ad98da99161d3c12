/** The registry: one line per strategy. Importing it loads no middleware and no client. */
import { ConfigError } from '../config.ts'
import { control } from './control.ts'
import { cookie } from './cookie.ts'
import { memory } from './memory.ts'
import { memorySticky } from './memory-sticky.ts'
import { redis } from './redis.ts'
import { redisAof } from './redis-aof.ts'
import type { Strategy } from './strategy.ts'

/** The strategies under comparison, in the order of lists and reports. */
export const strategies: readonly Strategy[] = [
  memory, //
  memorySticky,
  cookie,
  redis,
  redisAof,
]

export { control }

/**
 * The strategy, or the control, that a replica is to run.
 * @throws {ConfigError} listing the names there are
 */
export function strategyNamed(name: string): Strategy {
  const startable = [...strategies, control]
  const found = startable.find((strategy) => strategy.name === name)
  if (found !== undefined) return found
  throw new ConfigError(`STRATEGY is '${name}'; expected one of ${startable.map((s) => s.name).join(', ')}`)
}
