/** Quantiles that a sample carries, against published tables, closed forms and simulated samples. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { highestQuantile, quantileRanks } from './quantile-interval.ts'
import { seededRandom } from './random.ts'

const sizes = fc.integer({ min: 0, max: 5000 })
const quantiles = fc.double({ min: 0.001, max: 0.999, noNaN: true })
const levels = fc.double({ min: 0.5, max: 0.999, noNaN: true })

/** P(lower ≤ Binomial(n, p) < upper) by adding up its terms: what the interval covers, another way. */
function coverage(n: number, p: number, lower: number, upper: number): number {
  let logTerm = n * Math.log1p(-p)
  let sum = 0
  for (let k = 0; k < upper; k++) {
    if (k >= lower) sum += Math.exp(logTerm)
    logTerm += Math.log((n - k) / (k + 1)) + Math.log(p / (1 - p))
  }
  return sum
}

describe('quantileRanks', () => {
  // Ranks for the median at 95 %: Conover, Practical Nonparametric Statistics, and any table of the sign test.
  test.each([
    [6, 1, 6],
    [10, 2, 9],
    [15, 4, 12],
    [20, 6, 15],
    [25, 8, 18],
  ])('of the median of %d agree with the tables', (n, lower, upper) => {
    expect(quantileRanks(n, 0.5, 0.95)).toEqual({ lower, upper })
  })

  test('do not bound p99 of 160 requests, nor the median of five', () => {
    expect(quantileRanks(160, 0.99, 0.95)).toBeNull()
    expect(quantileRanks(5, 0.5, 0.95)).toBeNull()
    expect(quantileRanks(0, 0.5, 0.95)).toBeNull()
  })

  test('bound a quantile once both of its ends can err no more than half of what is allowed', () => {
    fc.assert(
      fc.property(sizes, quantiles, levels, (n, p, level) => {
        const tail = (1 - level) / 2
        // At its limit either answer is right, to the digits there are.
        fc.pre([p, 1 - p].every((side) => Math.abs(side ** n - tail) > 1e-9))
        expect(quantileRanks(n, p, level) !== null).toBe(p ** n < tail && (1 - p) ** n < tail)
      }),
    )
  })

  test('cover their level, and not with a rank less on either side', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 600 }),
        fc.double({ min: 0.3, max: 0.98, noNaN: true }),
        (n, p) => {
          const ranks = quantileRanks(n, p, 0.95)
          fc.pre(ranks !== null)
          const { lower, upper } = ranks as { lower: number; upper: number }
          expect(coverage(n, p, lower, upper)).toBeGreaterThanOrEqual(0.95 - 1e-9)
          expect(coverage(n, p, 0, lower + 1)).toBeGreaterThan(0.025 - 1e-9)
          expect(coverage(n, p, upper - 1, n + 1)).toBeGreaterThan(0.025 - 1e-9)
        },
      ),
    )
  })

  test('lie around the quantile, mirror with it, and close in as the sample grows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 1e6 }), quantiles, (n, p) => {
        const ranks = quantileRanks(n, p, 0.95)
        fc.pre(ranks !== null)
        const { lower, upper } = ranks as { lower: number; upper: number }
        expect(lower).toBeLessThanOrEqual(Math.ceil(n * p))
        expect(upper).toBeGreaterThanOrEqual(Math.floor(n * p))
        const mirrored = quantileRanks(n, 1 - p, 0.95) as { lower: number; upper: number }
        // 1 − (1 − p) is not p to the last digit, which may move a rank of a million.
        expect(Math.abs(mirrored.lower - (n + 1 - upper))).toBeLessThanOrEqual(1)
        const wider = quantileRanks(4 * n, p, 0.95) as { lower: number; upper: number }
        expect((wider.upper - wider.lower) / (4 * n)).toBeLessThan((upper - lower) / n)
      }),
    )
  })

  test('hold the true p95 of a skewed distribution as often as they promise', () => {
    const random = seededRandom(1)
    const { lower, upper } = quantileRanks(100, 0.95, 0.95) as { lower: number; upper: number }
    const truth = -Math.log(0.05)
    let held = 0
    for (let sample = 0; sample < 4000; sample++) {
      const values = Array.from({ length: 100 }, () => -Math.log(1 - random.next())).sort((a, b) => a - b)
      if ((values[lower - 1] as number) <= truth && truth <= (values[upper - 1] as number)) held++
    }
    expect(held / 4000).toBeGreaterThan(0.95)
    expect(held / 4000).toBeCloseTo(coverage(100, 0.95, lower, upper), 2)
  })

  test('refuse what means nothing', () => {
    expect(() => quantileRanks(1.5, 0.5, 0.95)).toThrow(RangeError)
    expect(() => quantileRanks(-1, 0.5, 0.95)).toThrow(RangeError)
    for (const p of [0, 1, 99, Number.NaN]) expect(() => quantileRanks(100, p, 0.95)).toThrow(RangeError)
    expect(() => quantileRanks(100, 0.5, 95)).toThrow(RangeError)
  })
})

describe('highestQuantile', () => {
  test.each([
    [5, null],
    [6, 0.5],
    [35, 0.5],
    [36, 0.9],
    [71, 0.9],
    [72, 0.95],
    [145, 0.95],
    [146, 0.975],
    [367, 0.975],
    [368, 0.99],
    [1e7, 0.99],
  ])('of %d values is %s', (n, p) => {
    expect(highestQuantile(n)).toBe(p)
  })

  test('never falls as the sample grows, and takes its candidates in any order', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.integer(), (n, more, seed) => {
        const candidates = seededRandom(seed).shuffle([0.999, 0.99, 0.95, 0.5])
        const few = highestQuantile(n, candidates)
        const many = highestQuantile(n + more, candidates)
        if (few !== null) expect(many).toBeGreaterThanOrEqual(few)
      }),
    )
  })
})
