/** Student's t and the beta function behind it, against published tables and closed forms. */

import { describe, expect, test } from 'vitest'
import { inverseIncompleteBeta } from './beta.ts'
import { studentQuantile } from './student.ts'

const PROBABILITIES = [0.9, 0.95, 0.975, 0.99, 0.995]

/** Fisher & Yates, Statistical Tables, table III, as printed in any textbook. */
const TABLE: Readonly<Record<number, readonly number[]>> = {
  1: [3.078, 6.314, 12.706, 31.821, 63.657],
  2: [1.886, 2.92, 4.303, 6.965, 9.925],
  3: [1.638, 2.353, 3.182, 4.541, 5.841],
  4: [1.533, 2.132, 2.776, 3.747, 4.604],
  5: [1.476, 2.015, 2.571, 3.365, 4.032],
  6: [1.44, 1.943, 2.447, 3.143, 3.707],
  7: [1.415, 1.895, 2.365, 2.998, 3.499],
  8: [1.397, 1.86, 2.306, 2.896, 3.355],
  9: [1.383, 1.833, 2.262, 2.821, 3.25],
  10: [1.372, 1.812, 2.228, 2.764, 3.169],
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the table's own digits, which only look like e
  11: [1.363, 1.796, 2.201, 2.718, 3.106],
  12: [1.356, 1.782, 2.179, 2.681, 3.055],
  13: [1.35, 1.771, 2.16, 2.65, 3.012],
  14: [1.345, 1.761, 2.145, 2.624, 2.977],
  15: [1.341, 1.753, 2.131, 2.602, 2.947],
  16: [1.337, 1.746, 2.12, 2.583, 2.921],
  17: [1.333, 1.74, 2.11, 2.567, 2.898],
  18: [1.33, 1.734, 2.101, 2.552, 2.878],
  19: [1.328, 1.729, 2.093, 2.539, 2.861],
  20: [1.325, 1.725, 2.086, 2.528, 2.845],
  21: [1.323, 1.721, 2.08, 2.518, 2.831],
  22: [1.321, 1.717, 2.074, 2.508, 2.819],
  23: [1.319, 1.714, 2.069, 2.5, 2.807],
  24: [1.318, 1.711, 2.064, 2.492, 2.797],
  25: [1.316, 1.708, 2.06, 2.485, 2.787],
  26: [1.315, 1.706, 2.056, 2.479, 2.779],
  27: [1.314, 1.703, 2.052, 2.473, 2.771],
  28: [1.313, 1.701, 2.048, 2.467, 2.763],
  29: [1.311, 1.699, 2.045, 2.462, 2.756],
  30: [1.31, 1.697, 2.042, 2.457, 2.75],
  60: [1.296, 1.671, 2.0, 2.39, 2.66],
  120: [1.289, 1.658, 1.98, 2.358, 2.617],
}

describe('studentQuantile', () => {
  test.each(Object.keys(TABLE).map(Number))('agrees with the table at %d degrees of freedom', (df) => {
    PROBABILITIES.forEach((p, i) => {
      expect(Math.abs(studentQuantile(p, df) - (TABLE[df]?.[i] as number))).toBeLessThanOrEqual(0.00051)
    })
  })

  test('agrees with the closed form of Cauchy (1 degree of freedom) far out and near the middle', () => {
    for (const p of [1e-9, 1e-4, 0.3, 0.499, 0.5, 0.501, 0.8, 0.9999])
      expect(studentQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), p < 1e-6 ? -2 : 6)
  })

  test('is odd around one half and nears the normal quantile', () => {
    expect(studentQuantile(0.2, 7)).toBeCloseTo(-studentQuantile(0.8, 7), 12)
    expect(studentQuantile(0.975, 1e7)).toBeCloseTo(1.959964, 5)
  })

  test('refuses probabilities and degrees of freedom that mean nothing', () => {
    for (const p of [0, 1, -0.1, Number.NaN]) expect(() => studentQuantile(p, 3)).toThrow(RangeError)
    for (const df of [0, -1, Number.NaN]) expect(() => studentQuantile(0.9, df)).toThrow(RangeError)
  })
})

describe('inverseIncompleteBeta', () => {
  test('agrees with the closed forms for b = 1 and a = 1', () => {
    for (const p of [0.001, 0.05, 0.5, 0.99])
      for (const shape of [1, 2, 7.5, 40]) {
        expect(inverseIncompleteBeta(p, shape, 1)).toBeCloseTo(p ** (1 / shape), 11)
        expect(inverseIncompleteBeta(p, 1, shape)).toBeCloseTo(1 - (1 - p) ** (1 / shape), 11)
      }
  })

  test('mirrors when its parameters change places', () => {
    expect(inverseIncompleteBeta(0.3, 2.5, 6)).toBeCloseTo(1 - inverseIncompleteBeta(0.7, 6, 2.5), 11)
  })
})
