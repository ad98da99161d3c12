/** Runs requests at a steady rate and reports how each ended, measured from when it was due. */
import { type Pacing, pace } from './pacer.ts'

/** One request that has ended; times on the monotonic clock, in milliseconds. */
export interface PacedResult<T> {
  readonly result: T
  readonly index: number
  readonly intendedAtMs: number
  readonly endedAtMs: number
}

/**
 * Starts `send` for each request when it is due, whether or not earlier ones have ended; resolves when the last one has.
 * @param onSent takes how late each request left
 * @returns how many requests were sent
 * @throws the first error that `send` threw, after all others have ended
 */
export async function runPaced<T>(
  pacing: Pacing,
  send: (index: number) => Promise<T>,
  onEnd: (ended: PacedResult<T>) => void,
  onSent: (lagMs: number) => void = () => {},
): Promise<number> {
  const open = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | null = null
  const sent = await pace(pacing, (index, intendedAtMs) => {
    onSent(performance.now() - intendedAtMs)
    const request = send(index)
      .then((result) => onEnd({ result, index, intendedAtMs, endedAtMs: performance.now() }))
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => open.delete(request))
    open.add(request)
  })
  await Promise.all(open)
  if (failure !== null) throw (failure as { error: unknown }).error
  return sent
}
