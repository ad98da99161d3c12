/** How local clusters run their Redis servers, and what they ask them over a connection of their own. */
import { connect } from 'node:net'
import type { Service } from '../../servers/strategies/strategy.ts'
import { ClusterError } from '../errors.ts'

/** Where a Redis server of a cluster answers, and to whom. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  /** Letters and digits, for it becomes a part of commands and of a URL. */
  readonly password: string
}

const answersWithinMs = 5_000
const answersPingWithinMs = 1_000

/** Redis's own default save points (config.c), written out: before version 7 a server with any setting had none. */
const savePoints = ['save 3600 1', 'save 300 100', 'save 60 10000']

/** What makes a Redis server the service that a strategy asked for; everything else is Redis's default. */
const persistence: Record<Service, readonly string[]> = {
  redis: savePoints,
  'redis-aof': [...savePoints, 'appendonly yes', 'appendfsync everysec'],
}

/**
 * What the server reads on stdin, where no other user of the machine sees the password. They can all connect to the port:
 * without a password they could read sessions, delete them, or have the server write files.
 *
 * Who has the password may not do so either: an app keeps its sessions without the commands that stop or rewrite the
 * server, load code into it or empty it. `INFO` counts as one of them, and is what the harness asks.
 */
export function redisConfiguration(service: Service, { host, port, password }: RedisAddress): string {
  return [
    `bind ${host}`,
    `port ${port}`,
    `user default on >${password} ~* +@all -@admin -@dangerous -@scripting +info`,
    ...persistence[service],
    '',
  ].join('\n')
}

/** For `REDIS_URL`. */
export function redisUrl({ host, port, password }: RedisAddress): string {
  return `redis://:${password}@${host}:${port}`
}

/** Whether it answers PING with PONG now; one that is still loading its data does not. */
export async function answersPing(address: RedisAddress): Promise<boolean> {
  return (await ask(address, 'PING', answersPingWithinMs).catch(() => null)) === '+PONG'
}

/**
 * The commands it has processed since its start, by `INFO stats` (https://redis.io/docs/latest/commands/info/). Asking
 * costs two: one for the password.
 * @throws {ClusterError} when it does not answer, or answers something else
 */
export async function redisCommandsProcessed(address: RedisAddress): Promise<number> {
  const fail = (why: string, cause?: unknown) => {
    const where = `${address.host}:${address.port}`
    return new ClusterError(`Redis on ${where} does not tell how many commands it has processed: ${why}`, {
      cause,
    })
  }
  const reply = await ask(address, 'INFO stats', answersWithinMs).catch((cause: Error) => {
    throw fail(cause.message, cause)
  })
  const found = /^total_commands_processed:(\d+)\r$/m.exec(reply)
  if (!found) throw fail(`it answered ${reply.slice(0, 100)}`)
  return Number(found[1])
}

/**
 * One command on a connection of its own, without the greetings of a client library, which would be counted as well.
 * @returns the reply as it came: `+PONG`, `-ERR …`, or the text of a bulk reply
 */
function ask({ host, port, password }: RedisAddress, command: string, withinMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect({ port, host, timeout: withinMs }, () =>
      socket.write(`AUTH ${password}\r\n${command}\r\n`),
    )
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk
      const reply = secondReply(received)
      if (reply === null) return
      socket.destroy()
      resolve(reply)
    })
    const fail = (why: string) => {
      socket.destroy()
      reject(new Error(why))
    }
    socket.once('timeout', () => fail(`no answer within ${withinMs / 1000} s`))
    socket.once('error', ({ message }) => fail(message))
    socket.once('end', () => fail('it hung up'))
  })
}

/** The second reply once it is there as a whole; the first when it is not `+OK`; `null` as long as neither is. */
function secondReply(received: string): string | null {
  const accepted = '+OK\r\n'
  if (accepted.startsWith(received)) return null
  const rest = received.startsWith(accepted) ? received.slice(accepted.length) : received
  const lineEnd = rest.indexOf('\r\n')
  if (lineEnd === -1) return null
  const line = rest.slice(0, lineEnd)
  if (!line.startsWith('$')) return line
  // https://redis.io/docs/latest/develop/reference/protocol-spec/#bulk-strings
  const text = rest.slice(lineEnd + 2)
  const length = Number(line.slice(1))
  return text.length >= length + 2 ? text.slice(0, length) : null
}
