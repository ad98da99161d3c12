/** Reads the configuration of one replica from the environment; nothing else in `servers/` reads `process.env`. */

/** Everything a replica has to know before it starts. */
export interface ReplicaConfig {
  /** Shown in the `X-Replica` header of every answer, and the value of the route cookie. */
  readonly name: string
  readonly host: string
  readonly port: number
  /** Name of the session strategy. */
  readonly strategy: string
  /** Signs session ids and cookies; the same for all replicas of a cluster. */
  readonly sessionSecret: string
  /** Where the session store answers; needed by strategies that use Redis. */
  readonly redisUrl: string | undefined
  /** How long a graceful stop may take before open connections are cut, in milliseconds. */
  readonly drainLimitMs: number
}

/** A variable that is missing or does not fit. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * @param env usually `process.env`
 * @throws {ConfigError} naming the variable, what was found and what was expected
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReplicaConfig {
  return {
    name: replicaName(env),
    host: env.HOST || '127.0.0.1',
    port: integer(env, 'PORT', 3000, 0, 65_535),
    strategy: required(env, 'STRATEGY', 'the name of a session strategy, e.g. memory'),
    sessionSecret: secret(env),
    redisUrl: env.REDIS_URL || undefined,
    drainLimitMs: integer(env, 'DRAIN_LIMIT_MS', 5_000, 0, 600_000),
  }
}

function required(env: Readonly<Record<string, string | undefined>>, name: string, expected: string): string {
  const value = env[name]
  if (value === undefined || value === '') throw new ConfigError(`${name} is not set; expected ${expected}`)
  return value
}

/** The name goes into a header and, through nginx, into a cookie: only characters that need no escaping in either. */
function replicaName(env: Readonly<Record<string, string | undefined>>): string {
  const name = env.REPLICA_NAME || 'replica'
  if (!/^[\w-]{1,64}$/.test(name)) {
    throw new ConfigError(`REPLICA_NAME is '${name}'; expected 1 to 64 letters, digits, '-' or '_'`)
  }
  return name
}

function secret(env: Readonly<Record<string, string | undefined>>): string {
  const value = required(
    env,
    'SESSION_SECRET',
    'at least 16 characters, the same for every replica of a cluster',
  )
  if (value.length < 16)
    throw new ConfigError(`SESSION_SECRET has ${value.length} characters; expected at least 16`)
  return value
}

function integer(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  fallback: number,
  least: number,
  most: number,
): number {
  const text = env[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new ConfigError(`${name} is '${text}'; expected a whole number from ${least} to ${most}`)
  }
  return value
}
