/** Latencies of many requests in constant memory, in milliseconds with three significant digits. */
import { build } from 'hdr-histogram-js'
import { z } from 'zod'
import { amount, count } from '../record/values.ts'

/** Longer ones are counted as this: no request is waited for that long. */
const longestMicros = 60_000_000

/** Quantiles of the latencies of one window, in milliseconds; `null` when there was no request. */
export const latencySummary = z.strictObject({
  count,
  p50Ms: amount.nullable(),
  p90Ms: amount.nullable(),
  p95Ms: amount.nullable(),
  p99Ms: amount.nullable(),
  maxMs: amount.nullable(),
})
export type LatencySummary = z.infer<typeof latencySummary>

/** The quantiles of a summary, lowest first. */
export const latencyQuantiles = [
  { share: 0.5, name: 'P50', key: 'p50Ms' },
  { share: 0.9, name: 'P90', key: 'p90Ms' },
  { share: 0.95, name: 'P95', key: 'p95Ms' },
  { share: 0.99, name: 'P99', key: 'p99Ms' },
] as const
export type LatencyQuantile = (typeof latencyQuantiles)[number]

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
      p90Ms: at(90),
      p95Ms: at(95),

      p99Ms: at(99),
      maxMs: count === 0 ? null : this.#histogram.maxValue / 1000,
    }
  }
}
