/** How requests ended over time: counts in slices, and the longest stretch in which nobody was recognised. */
import { z } from 'zod'
import { amount, count } from '../record/values.ts'
import { type Outcome, outcomes } from './browser.ts'

/** Long enough to hold a few requests, short enough to show a restart. */
export const sliceMs = 100

/** Counts of requests by outcome. */
export const outcomeCounts = z.record(z.enum(outcomes), count)
export type OutcomeCounts = z.infer<typeof outcomeCounts>

export const timeline = z.strictObject({
  sliceMs: z.literal(sliceMs),
  /** Counts of the answers that came in each slice after the start. */
  slices: z.array(outcomeCounts),
  /** The longest stretch without an `ok`, from one to the next or to the ends of the observation. */
  longestWithoutOkMs: amount,
  /** Whether that stretch lasted to the end: then it is at least as long as it says. */
  endedWithoutOk: z.boolean(),
  /** When the last `failed` came, after the start; `null` when there was none. */
  lastFailedMs: amount.nullable(),
})
export type Timeline = z.infer<typeof timeline>

/** Collects outcomes as they come; times are on any one monotonic clock, in milliseconds. */
export class TimelineRecorder {
  readonly #startedAt: number
  readonly #slices: OutcomeCounts[] = []
  #lastOkAt: number
  #longestMs = 0
  #lastFailedMs: number | null = null

  constructor(startedAt: number) {
    this.#startedAt = startedAt
    this.#lastOkAt = startedAt
  }

  record(outcome: Outcome, at: number): void {
    const slice = Math.max(0, Math.floor((at - this.#startedAt) / sliceMs))
    while (this.#slices.length <= slice) this.#slices.push(noCounts())
    const counts = this.#slices[slice]
    if (counts !== undefined) counts[outcome] += 1
    if (outcome === 'ok') {
      this.#longestMs = Math.max(this.#longestMs, at - this.#lastOkAt)
      this.#lastOkAt = at
    } else if (outcome === 'failed') {
      this.#lastFailedMs = at - this.#startedAt
    }
  }

  finish(at: number): Timeline {
    const tailMs = at - this.#lastOkAt
    return {
      sliceMs,
      slices: this.#slices.map((counts) => ({ ...counts })),
      longestWithoutOkMs: Math.max(this.#longestMs, tailMs),
      endedWithoutOk: tailMs >= this.#longestMs,
      lastFailedMs: this.#lastFailedMs,
    }
  }
}

/** The sum of all slices. */
export function totals(slices: readonly OutcomeCounts[]): OutcomeCounts {
  const sum = noCounts()
  for (const slice of slices) for (const outcome of outcomes) sum[outcome] += slice[outcome]
  return sum
}

/** Before anything was counted. */
export function noCounts(): OutcomeCounts {
  return { ok: 0, 'logged-out': 0, failed: 0, 'answered-as-another': 0 }
}
