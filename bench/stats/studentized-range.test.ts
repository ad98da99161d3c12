/** The studentized range, against published tables, R's digits and the one closed form there is. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { studentQuantile } from './student.ts'
import { studentizedRangeQuantile } from './studentized-range.ts'

const GROUPS = [2, 3, 4, 5, 6, 7, 8, 9, 10]

/** Pearson & Hartley, Biometrika Tables for Statisticians 1, table 29, after Harter (1960), as textbooks print it. */
const TABLE: readonly [p: number, df: number, q: readonly number[]][] = [
  [0.95, 5, [3.64, 4.6, 5.22, 5.67, 6.03, 6.33, 6.58, 6.8, 6.99]],
  [0.95, 10, [3.15, 3.88, 4.33, 4.65, 4.91, 5.12, 5.3, 5.46, 5.6]],
  [0.95, 20, [2.95, 3.58, 3.96, 4.23, 4.45, 4.62, 4.77, 4.9, 5.01]],
  [0.95, 60, [2.83, 3.4, 3.74, 3.98, 4.16, 4.31, 4.44, 4.55, 4.65]],
  [0.99, 5, [5.7, 6.98, 7.8, 8.42, 8.91, 9.32, 9.67, 9.97, 10.24]],
  [0.99, 10, [4.48, 5.27, 5.77, 6.14, 6.43, 6.67, 6.87, 7.05, 7.21]],
  [0.99, 20, [4.02, 4.64, 5.02, 5.29, 5.51, 5.69, 5.84, 5.97, 6.09]],
  [0.99, 60, [3.76, 4.28, 4.59, 4.82, 4.99, 5.13, 5.25, 5.36, 5.45]],
]

describe('studentizedRangeQuantile', () => {
  test.each(TABLE)('agrees with the table at p = %d and %d degrees of freedom', (p, df, row) => {
    GROUPS.forEach((groups, i) => {
      expect(Math.abs(studentizedRangeQuantile(p, groups, df) - (row[i] as number))).toBeLessThan(0.0055)
    })
  })

  // SciPy 1.17, scipy.stats.studentized_range.ppf, which integrates adaptively.
  test.each([
    [0.95, 3, 1, 26.97552987],
    [0.95, 3, 2, 8.33078265],
    [0.95, 5, 4, 6.287027],
    [0.95, 5, 12, 4.50770992],
    [0.95, 7, 42, 4.37776248],
    [0.999, 6, 3, 31.10249909],
    [0.5, 4, 5, 2.12357285],
    [0.05, 6, 3.5, 1.14115828],
    [0.95, 6, 1000, 4.03793256],
  ])('agrees with SciPy to five digits: p = %d of %d groups, %d degrees of freedom', (p, groups, df, q) => {
    expect(Math.abs(studentizedRangeQuantile(p, groups, df) / q - 1)).toBeLessThan(5e-6)
  })

  test("is √2 times Student's t for two groups", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 0.999, noNaN: true }),
        fc.double({ min: 1, max: 200, noNaN: true }),
        (p, df) => {
          const t = studentQuantile((1 + p) / 2, df)
          expect(studentizedRangeQuantile(p, 2, df) / (Math.SQRT2 * t)).toBeCloseTo(1, 4)
        },
      ),
      { numRuns: 10 },
    )
  })

  test('rises with p and with the groups, falls with the degrees of freedom', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 0.98, noNaN: true }),
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 1, max: 60 }),
        (p, groups, df) => {
          const q = studentizedRangeQuantile(p, groups, df)
          expect(studentizedRangeQuantile(p + 0.01, groups, df)).toBeGreaterThan(q)
          expect(studentizedRangeQuantile(p, groups + 1, df)).toBeGreaterThan(q)
          expect(studentizedRangeQuantile(p, groups, df + 1)).toBeLessThan(q)
        },
      ),
      { numRuns: 6 },
    )
  })

  test('refuses what means nothing', () => {
    for (const p of [0, 1, Number.NaN]) expect(() => studentizedRangeQuantile(p, 3, 4)).toThrow(RangeError)
    for (const groups of [1, 2.5]) expect(() => studentizedRangeQuantile(0.9, groups, 4)).toThrow(RangeError)
    for (const df of [0, Infinity, Number.NaN])
      expect(() => studentizedRangeQuantile(0.9, 3, df)).toThrow(RangeError)
  })
})
