/** Confidence intervals over a few trials, for values and for ratios. */

import { mean, standardDeviation } from './mean.ts'
import { assertLevel, assertPositiveSample } from './sample.ts'
import { studentQuantile } from './student.ts'

/** An estimate with the range that would hold the truth in `level` of all repetitions; null where one trial cannot say. */
export interface Interval {
  readonly estimate: number
  readonly low: number | null
  readonly high: number | null
}

/**
 * The mean with Student's t interval. A trial's value is an average over thousands of requests and so close to
 * normal, and for 3 to 10 trials the bootstrap is far too narrow (Hesterberg, "What teachers should know about the
 * bootstrap", The American Statistician 69(4), 2015, section 3.2).
 * Source: Student, "The probable error of a mean", Biometrika 6(1), 1908.
 * @param values one per trial, not one per request
 * @param level such as 0.95, two-sided
 * @returns in the unit of the values; low and high null for a single trial, equal to the estimate for identical ones.
 * @throws RangeError for no values, values that are not finite, or a level outside (0, 1).
 */
export function meanInterval(values: readonly number[], level: number): Interval {
  assertLevel(level)
  const estimate = mean(values)
  if (values.length === 1) return { estimate, low: null, high: null }
  const standardError = standardDeviation(values) / Math.sqrt(values.length)
  const reach = studentQuantile((1 + level) / 2, values.length - 1) * standardError
  return { estimate, low: estimate - reach, high: estimate + reach }
}

/**
 * The geometric mean of positive values, such as ratios, with its interval: Student's t on their logarithms,
 * transformed back. The interval is a factor around the estimate, so a ratio and its inverse agree.
 * @returns as `meanInterval`.
 * @throws RangeError also when a value is not above zero.
 */
export function geometricMeanInterval(values: readonly number[], level: number): Interval {
  assertPositiveSample(values)
  return exponentiated(meanInterval(values.map(Math.log), level))
}

/**
 * The ratio numerator / denominator of values measured together, trial by trial: drift that fell on both cancels.
 * @param numerators one per trial
 * @param denominators the values of the same trials, in the same order
 * @returns a ratio (1 = no difference) as `geometricMeanInterval`.
 * @throws RangeError when the two differ in length, and as `geometricMeanInterval`.
 */
export function ratioInterval(
  numerators: readonly number[],
  denominators: readonly number[],
  level: number,
): Interval {
  if (numerators.length !== denominators.length)
    throw new RangeError(`pairs were expected, got ${numerators.length} and ${denominators.length} values`)
  assertPositiveSample(numerators)
  assertPositiveSample(denominators)
  return geometricMeanInterval(
    numerators.map((value, i) => value / (denominators[i] as number)),
    level,
  )
}

/** An interval on logarithms, transformed back. */
export function exponentiated({ estimate, low, high }: Interval): Interval {
  return {
    estimate: Math.exp(estimate),
    low: low === null ? null : Math.exp(low),
    high: high === null ? null : Math.exp(high),
  }
}
