/** What a Redis server says of itself. */
import { connect } from 'node:net'
import { ClusterError } from '../errors.ts'

const answersWithinMs = 5_000

/**
 * The commands it has processed since its start, by `INFO stats` (https://redis.io/docs/latest/commands/info/), this
 * question included. A connection of its own, without the greetings of a client library, so that asking costs one
 * command.
 * @throws {ClusterError} when it does not answer, or answers something else
 */
export function redisCommandsProcessed(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect({ port, host, timeout: answersWithinMs }, () => socket.write('INFO stats\r\n'))
    const fail = (why: string) => {
      socket.destroy()
      reject(
        new ClusterError(`Redis on ${host}:${port} does not tell how many commands it has processed: ${why}`),
      )
    }
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk
      const found = /^total_commands_processed:(\d+)\r$/m.exec(answer)
      if (found) {
        socket.destroy()
        resolve(Number(found[1]))
      } else if (answer.startsWith('-')) fail(answer.trim())
    })
    socket.once('timeout', () => fail(`no answer within ${answersWithinMs / 1000} s`))
    socket.once('error', ({ message }) => fail(message))
    socket.once('end', () => fail('it hung up'))
  })
}
