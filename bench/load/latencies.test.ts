/** Holds the histogram to the quantiles of what was put into it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quantile } from '../stats/quantile.ts'
import { Latencies, latencySummary } from './latencies.ts'

function summaryOf(...ms: number[]) {
  const latencies = new Latencies()
  for (const value of ms) latencies.record(value)
  return latencies.summary()
}

test('nothing recorded is nothing known, not zero', () => {
  expect(summaryOf()).toEqual({ count: 0, p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null, maxMs: null })
})

test('one latency is every quantile', () => {
  const { count, ...times } = summaryOf(12.5)
  expect(count).toBe(1)
  for (const ms of Object.values(times)) expect(ms).toBeCloseTo(12.5, 1)
})

test('the tail is seen: one slow request in a hundred is the maximum and not the median', () => {
  const summary = summaryOf(...Array<number>(99).fill(2), 500)
  expect(summary.p50Ms).toBeCloseTo(2, 2)
  expect(summary.p99Ms).toBeCloseTo(2, 2)
  expect(summary.maxMs).toBeCloseTo(500, 0)
})

test('times that cannot be held are held as the nearest that can', () => {
  expect(summaryOf(-3).maxMs).toBe(0.001)
  expect(summaryOf(0).maxMs).toBe(0.001)
  expect(summaryOf(10_000_000).maxMs! / 60_000).toBeCloseTo(1, 2)
})

test('quantiles are within one in a thousand of the exact ones', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 50_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
      (ms) => {
        const summary = summaryOf(...ms)
        expect(latencySummary.parse(summary)).toEqual(summary)
        expect(summary.count).toBe(ms.length)
        const sorted = ms.toSorted((a, b) => a - b)
        // The value of the rank: what a histogram tells. It does not interpolate.
        const atRank = (p: number) => sorted[Math.max(0, Math.ceil(p * ms.length) - 1)] as number
        for (const [p, found] of [
          [0.5, summary.p50Ms],
          [0.95, summary.p95Ms],
          [0.99, summary.p99Ms],
          [1, summary.maxMs],
        ] as const) {
          const exact = atRank(p)
          expect(Math.abs(found! - exact)).toBeLessThanOrEqual(exact / 1000 + 0.001)
        }
        expect(summary.maxMs).toBeGreaterThanOrEqual(quantile(ms, 0.5) * 0.999 - 0.001)
      },
    ),
  )
})
