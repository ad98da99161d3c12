/** Waits until a started member answers, and gives up at once when its process ends. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { ClusterError } from '../errors.ts'

/** How a wait is bounded. */
export interface Wait {
  /** For messages, e.g. `replica-1`. */
  readonly name: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Resolves with a description when the member has died. */
  readonly ended: Promise<string>
  /** The last lines of its log. */
  logTail(): string
}

/**
 * Calls `probe` until it returns true.
 * @throws {ClusterError} with the log's last lines when the member ends first or the time is up
 */
export async function waitUntil(probe: (signal: AbortSignal) => Promise<boolean>, wait: Wait): Promise<void> {
  const giveUp = new AbortController()
  const signal = AbortSignal.any([wait.signal, giveUp.signal, AbortSignal.timeout(wait.timeoutMs)])
  const probing = (async () => {
    while (!(await probe(signal))) await sleep(15, undefined, { signal })
    return null
  })()
  try {
    const died = await Promise.race([probing, wait.ended])
    if (died !== null)
      throw new ClusterError(
        `${wait.name} ended (${died}) before it was ready; its last words:\n${wait.logTail()}`,
      )
  } catch (error) {
    wait.signal.throwIfAborted()
    if (!signal.aborted) throw error
    throw new ClusterError(
      `${wait.name} was not ready within ${wait.timeoutMs / 1000} s; its last words:\n${wait.logTail()}`,
      { cause: error },
    )
  } finally {
    giveUp.abort()
    probing.catch(() => {}) // given up on: its end has been reported above
  }
}

/** Whether `GET url` answers with 200 now. */
export async function answersHttp(url: URL, signal: AbortSignal): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, { signal, reset: true })
    await body.dump()
    return statusCode === 200
  } catch (error) {
    if (signal.aborted) throw error
    return false // not listening yet: what the wait is for
  }
}

/** Whether a Redis server answers PING with PONG now (one that is still loading its data does not). */
export function answersPing(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 1_000 }, () => socket.write('PING\r\n'))
    const settle = (ready: boolean) => {
      socket.destroy()
      resolve(ready)
    }
    socket.once('data', (chunk) => settle(chunk.toString('latin1').startsWith('+PONG')))
    for (const event of ['error', 'close', 'timeout']) socket.once(event, () => settle(false))
  })
}
