/** Averages, spread and quantiles. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { geometricMean, mean, standardDeviation } from './mean.ts'
import { median, quantile } from './quantile.ts'

const sample = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 })

describe('mean, standardDeviation, geometricMean', () => {
  test('of known samples', () => {
    expect(mean([1, 2, 6])).toBe(3)
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12)
    expect(geometricMean([1, 4])).toBeCloseTo(2, 12)
    expect(geometricMean([0.5, 2])).toBeCloseTo(1, 12)
  })

  test('of identical values are exact, so that a repeated byte count has no spread', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.integer({ min: 2, max: 40 }),
        (value, n) => {
          const values = new Array<number>(n).fill(value)
          expect(mean(values)).toBe(value + 0)
          expect(standardDeviation(values)).toBe(0)
        },
      ),
    )
  })

  test('refuse empty samples, NaN and, for the geometric mean, zero', () => {
    expect(() => mean([])).toThrow(RangeError)
    expect(() => mean([1, Number.NaN])).toThrow(RangeError)
    expect(() => standardDeviation([1])).toThrow(RangeError)
    expect(() => geometricMean([1, 0])).toThrow(RangeError)
  })
})

describe('quantile', () => {
  test("agrees with R's quantile(x, p), type 7", () => {
    const oneToTen = [7, 3, 1, 10, 2, 9, 5, 4, 8, 6]
    expect([0, 0.25, 0.5, 0.9, 1].map((p) => quantile(oneToTen, p))).toEqual([1, 3.25, 5.5, 9.1, 10])
    expect(median([3, 1, 2])).toBe(2)
  })

  test('lies within the sample, rises with p and leaves the sample alone', () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
        const before = [...values]
        const at = quantile(values, p)
        expect(at).toBeGreaterThanOrEqual(Math.min(...values))
        expect(at).toBeLessThanOrEqual(Math.max(...values))
        expect(quantile(values, p / 2)).toBeLessThanOrEqual(at)
        expect(values).toEqual(before)
      }),
    )
  })

  test('refuses an empty sample and p outside [0, 1]', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError)
    expect(() => quantile([1], 50)).toThrow(RangeError)
  })
})
