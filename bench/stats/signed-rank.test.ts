/** The signed-rank bounds: published tables, counting by brute force, and validity on every sign pattern. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { criticalRank, hodgesLehmann, signedRankDistribution, walshAverages } from './signed-rank.ts'

/** Every way of giving signs to the values. */
function signPatterns(values: readonly number[]): number[][] {
  return Array.from({ length: 2 ** values.length }, (_, pattern) =>
    values.map((value, i) => ((pattern >> i) & 1 ? -value : value)),
  )
}

describe('signedRankDistribution', () => {
  test.each([1, 4, 9])('agrees with counting all sign patterns of %d ranks', (n) => {
    const ranks = Array.from({ length: n }, (_, i) => i + 1)
    const sums = signPatterns(ranks).map((signed) =>
      signed.reduce((sum, rank) => sum + (rank < 0 ? -rank : 0), 0),
    )
    signedRankDistribution(n).forEach((probability, w) => {
      expect(probability).toBe(sums.filter((sum) => sum <= w).length / sums.length)
    })
  })
})

describe('criticalRank', () => {
  // Wilcoxon & Wilcox, Some Rapid Approximate Statistical Procedures, 1964, table 2 (one-sided levels).
  test.each([
    [5, 0.05, 0],
    [8, 0.025, 3],
    [10, 0.025, 8],
    [10, 0.005, 3],
    [12, 0.005, 7],
    [20, 0.025, 52],
    [20, 0.005, 37],
    [30, 0.025, 137],
  ])('for %d pairs at %d agrees with the table', (n, level, rank) => {
    expect(criticalRank(n, level).rank).toBe(rank)
  })

  test('speaks from 2^-n on, and never before', () => {
    expect(criticalRank(10, 2 ** -10)).toEqual({ rank: 0, error: 2 ** -10 })
    expect(criticalRank(10, 2 ** -10 - 1e-9)).toEqual({ rank: null, error: 0 })
  })
})

// Fractions of a power of two, so that halving and scaling are exact.
const few = fc.array(
  fc.integer({ min: -1000, max: 1000 }).map((value) => value / 1024),
  { minLength: 4, maxLength: 9 },
)

describe('the bound at the critical rank', () => {
  test('lies above the centre for at most its level of all sign patterns, whatever the sizes', () => {
    fc.assert(
      fc.property(few, fc.constantFrom(0.01, 0.03, 0.1, 0.3), (sizes, level) => {
        const { rank, error } = criticalRank(sizes.length, level)
        if (rank === null) return
        const wrong = signPatterns(sizes).filter((values) => (walshAverages(values)[rank] as number) > 0)
        expect(wrong.length / 2 ** sizes.length).toBeLessThanOrEqual(error)
        expect(error).toBeLessThanOrEqual(level)
      }),
      { numRuns: 40 },
    )
  })

  test('does not depend on the order, mirrors with the sign and scales with the values', () => {
    fc.assert(
      fc.property(few, (values) => {
        const averages = [...walshAverages(values)]
        expect([...walshAverages(values.toReversed())]).toEqual(averages)
        const mirrored = [...walshAverages(values.map((value) => -value))]
          .toReversed()
          .map((value) => 0 - value)
        expect(mirrored).toEqual(averages.map((value) => 0 + value))
        expect([...walshAverages(values.map((value) => 4 * value))]).toEqual(
          averages.map((value) => 4 * value),
        )
      }),
    )
  })
})

describe('hodgesLehmann', () => {
  // Hollander, Wolfe & Chicken, example 3.1: depression scores of nine patients before and after; R's wilcox.test.
  const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3]
  const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
  const averages = walshAverages(before.map((value, i) => value - (after[i] as number)))

  test('agrees with the published estimate and interval', () => {
    expect(hodgesLehmann(averages)).toBeCloseTo(0.46, 10)
    const rank = criticalRank(9, 0.025).rank as number
    expect(averages[rank]).toBeCloseTo(0.01, 10)
    expect(averages[averages.length - 1 - rank]).toBeCloseTo(0.786, 10)
  })

  test('is barely moved by one wild value', () => {
    expect(hodgesLehmann(walshAverages([1, 2, 3, 4, 1000]))).toBe(3)
  })
})
