/** A Redis connection that neither hangs nor dies when Redis does: every command ends within a bounded time. */
import { createClient, type SetOptions } from 'redis'
import { ConfigError, type ReplicaConfig } from '../config.ts'
import { log } from '../log.ts'
import { StartError } from '../start-error.ts'

/** A command without an answer for this long has failed. Redis answers within a millisecond when it is well. */
const ANSWER_LIMIT_MS = 1_000
/** A connection on which nothing moves for this long is dead and is opened again. */
const SILENCE_LIMIT_MS = 1_000
/** Keeps a healthy idle connection well under the limit of silence. */
const PING_EVERY_MS = 400
/** Short, so that the time a replica needs to find a Redis that is back is not what an outage is made of. */
const RECONNECT_AFTER_MS = 100

/** The commands a session store needs, as connect-redis calls them. */
interface SessionCommands {
  get(key: string): Promise<string | null>
  set(key: string, value: string, options?: SetOptions): Promise<unknown>
  expire(key: string, seconds: number): Promise<unknown>
  del(keys: string[]): Promise<unknown>
}

/** A connection to Redis that stays open, or opens again by itself, until it is closed. */
export interface RedisConnection {
  readonly commands: SessionCommands
  /** Whether Redis answered last time. */
  healthy(): boolean
  close(): Promise<void>
}

/**
 * @throws {ConfigError} when REDIS_URL is missing or is no such URL
 * @throws {StartError} when Redis does not answer
 */
export async function connectRedis({ name, strategy, redisUrl }: ReplicaConfig): Promise<RedisConnection> {
  const url = checkedUrl(strategy, redisUrl)
  let connectedOnce = false
  /** Also true while a frozen Redis keeps its connection open, which the client itself would still call ready. */
  let away = false

  /** One line per outage, not one per attempt to end it. */
  function noteAway(reason: string): void {
    if (connectedOnce && !away) log(name, `Redis at ${url.host} is away: ${reason}`)
    away = true
  }
  function noteBack(): void {
    if (connectedOnce && away) log(name, `Redis at ${url.host} is back`)
    connectedOnce = true
    away = false
  }

  const client = createClient({
    url: url.href,
    // Fail at once while there is no connection, rather than keep visitors waiting for one.
    disableOfflineQueue: true,
    pingInterval: PING_EVERY_MS,
    // The client's own limit ends when a command is written, so it does not see a Redis that never answers, and costs an
    // AbortSignal per command; `answered` below takes its place.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: SILENCE_LIMIT_MS,
      // Without a reconnectStrategy a socketTimeout closes the client for good.
      socketTimeout: SILENCE_LIMIT_MS,
      reconnectStrategy: () => connectedOnce && RECONNECT_AFTER_MS,
    },
  })
  // Without a listener the first lost connection would end the process.
  client.on('error', (error: Error) => noteAway(reasonOf(error)))
  client.on('ready', noteBack)
  client.on('ping-interval', noteBack)

  /**
   * Needed beside the socket's timeout, which starts again with every byte sent: under steady load a frozen Redis would
   * never be noticed.
   */
  function answered<T>(reply: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const reason = `no answer within ${ANSWER_LIMIT_MS} ms`
        noteAway(reason)
        reject(new Error(`Redis at ${url.host}: ${reason}`))
      }, ANSWER_LIMIT_MS)
      reply.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }

  try {
    await client.connect()
  } catch (cause) {
    throw new StartError(`${name}: cannot reach Redis at ${url.host}: ${reasonOf(cause)}`, { cause })
  }
  return {
    commands: {
      get: (key) => answered(client.get(key)),
      set: (key, value, options) => answered(client.set(key, value, options)),
      expire: (key, seconds) => answered(client.expire(key, seconds)),
      del: (keys) => answered(client.del(keys)),
    },
    healthy: () => client.isReady && !away,
    // Not `close`, which waits for answers: when the replica stops, nobody waits for them any more.
    close: async () => client.destroy(),
  }
}

function checkedUrl(strategy: string, redisUrl: string | undefined): URL {
  const expected = 'expected e.g. redis://127.0.0.1:6379'
  if (redisUrl === undefined) {
    throw new ConfigError(`REDIS_URL is not set, but strategy '${strategy}' needs it; ${expected}`)
  }
  const url = URL.parse(redisUrl)
  // The URL may hold a password, so it is not repeated in the message.
  if (url === null || !/^rediss?:$/.test(url.protocol)) {
    throw new ConfigError(`REDIS_URL is not a redis:// or rediss:// URL; ${expected}`)
  }
  return url
}

/** Node's errors of a failed connection attempt to several addresses have an empty message; their code says it all. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || ('code' in error ? String(error.code) : error.name)
}
