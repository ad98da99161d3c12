/** Waits until a started member answers, and gives up at once when its process ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { ClusterError } from '../errors.ts'
import type { Cluster } from './cluster.ts'

/** A replica tries again every 0.1 s, and gives up an attempt after a second (servers/sessions/redis-client.ts). */
const everyReplicaWithinMs = 20_000

/** Asking more often takes from those that are starting the time they need. */
const probeAgainAfterMs = 40

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
    while (!(await probe(signal))) await sleep(probeAgainAfterMs, undefined, { signal })
    return null
  })()
  const givenUp = new Promise<never>((_, reject) => {
    // Not left to the probe: one that is stuck would never look at its signal.
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  givenUp.catch(() => {})
  try {
    const died = await Promise.race([probing, wait.ended, givenUp])
    if (died !== null)
      throw new ClusterError(
        `${wait.name} ended (${died}) before it was ready; its last words:\n${wait.logTail()}`,
        { ended: wait.name },
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

/**
 * Waits until every replica says that it is ready, its store included, as seen through the balancer.
 * @throws {ClusterError} naming those that are not, when the time is up
 */
export async function everyReplicaReady(
  { entry, replicas }: Pick<Cluster, 'entry' | 'replicas'>,
  signal: AbortSignal,
) {
  const timeout = AbortSignal.timeout(everyReplicaWithinMs)
  const either = AbortSignal.any([signal, timeout])
  const missing = new Set(replicas.map(({ name }) => name))
  try {
    while (missing.size > 0) {
      const { statusCode, headers, body } = await request(new URL('/healthz', entry), { signal: either })
      await body.dump()
      const replica = String(headers['x-replica'])
      if (statusCode === 200) missing.delete(replica)
      // Others share the rotation: without the pause this could fall in step with them and never meet the last one.
      if (missing.size > 0) await sleep(5 + Math.random() * 10, undefined, { signal: either })
    }
  } catch (cause) {
    signal.throwIfAborted()
    if (!timeout.aborted) throw cause
    throw new ClusterError(
      `not ready within ${everyReplicaWithinMs / 1000} s after their store was: ${[...missing].join(', ')}`,
      { cause },
    )
  }
}
