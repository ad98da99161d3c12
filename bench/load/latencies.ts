/** Latencies of many requests in constant memory, in milliseconds with three significant digits. */
import { build } from 'hdr-histogram-js'
import { z } from 'zod'

/** Longer ones are counted as this: no request is waited for that long. */
const longestMicros = 60_000_000

/** Quantiles of the latencies of one window, in milliseconds; `null` when there was no request. */
export const latencySummary = z.object({
  count: z.number().int(),
  p50Ms: z.number().nullable(),
  p97_5Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  maxMs: z.number().nullable(),
})
export type LatencySummary = z.infer<typeof latencySummary>

/** Collects latencies. */
export class Latencies {
  readonly #histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestMicros,
    numberOfSignificantValueDigits: 3,
  })

  record(ms: number): void {
    this.#histogram.recordValue(Math.min(longestMicros, Math.max(1, Math.round(ms * 1000))))
  }

  summary(): LatencySummary {
    const count = this.#histogram.totalCount
    const at = (percentile: number) =>
      count === 0 ? null : this.#histogram.getValueAtPercentile(percentile) / 1000
    return {
      count,
      p50Ms: at(50),
      p97_5Ms: at(97.5),
      p99Ms: at(99),
      maxMs: count === 0 ? null : this.#histogram.maxValue / 1000,
    }
  }
}
