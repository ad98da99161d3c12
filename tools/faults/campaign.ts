/** Tries the faults of a plan, a few at a time. */
import type { PlannedFault } from './plan.ts'
import type { Result } from './table.ts'

/** How long and how many at a time. */
export interface Limits {
  readonly jobs: number
  /** No further fault is begun after this time. */
  readonly maxTimeMs: number
  /** Milliseconds on a clock that only goes forward. */
  now(): number
}

/**
 * In the order of the plan. Interrupted, it gives back what it has.
 * @param tryOne may throw only when the signal is aborted
 * @param tell is told each result when it is there
 */
export async function tryFaults(
  plan: readonly PlannedFault[],
  { jobs, maxTimeMs, now }: Limits,
  signal: AbortSignal,
  tryOne: (fault: PlannedFault) => Promise<Result>,
  tell: (result: Result, done: number) => void,
): Promise<Result[]> {
  const startedAt = now()
  const results: Result[] = []
  const waiting = plan.values()
  const work = async () => {
    while (!signal.aborted && now() - startedAt < maxTimeMs) {
      const { value: fault, done } = waiting.next()
      if (done === true) return
      const result = await tryOne(fault)
      results.push(result)
      tell(result, results.length)
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: jobs }, work))
  const failure = ends.find((end) => end.status === 'rejected')
  if (failure !== undefined && !signal.aborted) throw failure.reason
  return results
}
