/** Has a balancer that is running serve with other replicas than before, and tells when it does. */
import { Client } from 'undici'
import { ClusterError, messageOf } from '../errors.ts'
import { type Wait, waitUntil } from './ready.ts'

/** Longer than any wait: the balancer must be the one that closes. */
const keepOpenMs = 300_000

/** @throws {RangeError} when a cluster of `replicas` cannot serve with `count` of them */
export function expectRoutable(count: number, replicas: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= replicas) return
  throw new RangeError(
    `a cluster of ${replicas} cannot serve with ${count} of its replicas; expected 1 to ${replicas}`,
  )
}

/**
 * Calls `reload`, which has nginx reload its configuration, and waits until connections are accepted by that alone.
 *
 * nginx starts a new worker and tells the old one to end a moment later; as both accept meanwhile, an answer by the new
 * configuration proves nothing. But the old worker stops accepting before it closes the connections that have no request
 * under way (`ngx_worker_process_cycle`). So a connection opened before the reload tells by its end that whatever is
 * opened from then on meets the new worker. A configuration that nginx refuses leaves the old worker in peace, and the
 * wait ends with what nginx wrote about it.
 * @throws {ClusterError} when nginx does not answer, ends, or has not taken the configuration within the time of the wait
 */
export async function untilReloaded(entry: URL, reload: () => Promise<void>, wait: Wait): Promise<void> {
  const witness = new Client(entry.origin, { keepAliveTimeout: keepOpenMs, headersTimeout: wait.timeoutMs })
  let closed = false
  try {
    const { body } = await witness.request({ method: 'GET', path: '/healthz', signal: wait.signal })
    await body.dump()
    witness.once('disconnect', () => {
      closed = true
    })
    await reload()
    await waitUntil(async () => closed, wait)
  } catch (cause) {
    wait.signal.throwIfAborted()
    if (cause instanceof ClusterError) throw cause
    throw new ClusterError(`${wait.name} could not be told what to serve with: ${messageOf(cause)}`, {
      cause,
    })
  } finally {
    await witness.destroy()
  }
}
