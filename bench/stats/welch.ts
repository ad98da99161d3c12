/** The change between two saved runs, whose trials are not paired. */

import { exponentiated, type Interval } from './interval.ts'
import { mean, standardDeviation } from './mean.ts'
import { assertLevel, assertPositiveSample } from './sample.ts'
import { studentQuantile } from './student.ts'

/**
 * The ratio of the geometric means after / before with its interval: Welch's t on logarithms, which does not assume
 * that both runs are equally noisy.
 * Source: Welch, "The generalization of Student's problem when several different population variances are
 * involved", Biometrika 34, 1947; degrees of freedom by Satterthwaite, Biometrics Bulletin 2(6), 1946.
 * @param before one positive value per trial of the first run
 * @param after the same of the second; the numbers of trials may differ
 * @param level such as 0.95, two-sided
 * @returns a ratio (1 = no change); low and high null when neither run, or only one, has two trials to show its noise.
 * @throws RangeError for no values, values that are not finite and above zero, or a level outside (0, 1).
 */
export function welchRatioInterval(
  before: readonly number[],
  after: readonly number[],
  level: number,
): Interval {
  assertLevel(level)
  assertPositiveSample(before)
  assertPositiveSample(after)
  const logsBefore = before.map(Math.log)
  const logsAfter = after.map(Math.log)
  const estimate = mean(logsAfter) - mean(logsBefore)
  if (before.length < 2 || after.length < 2) return exponentiated({ estimate, low: null, high: null })

  const varianceBefore = standardDeviation(logsBefore) ** 2 / before.length
  const varianceAfter = standardDeviation(logsAfter) ** 2 / after.length
  const variance = varianceBefore + varianceAfter
  // Byte counts repeat exactly: no noise, no degrees of freedom to compute, an interval of width zero.
  if (variance === 0) return exponentiated({ estimate, low: estimate, high: estimate })
  const df =
    variance ** 2 / (varianceBefore ** 2 / (before.length - 1) + varianceAfter ** 2 / (after.length - 1))
  const reach = studentQuantile((1 + level) / 2, df) * Math.sqrt(variance)
  return exponentiated({ estimate, low: estimate - reach, high: estimate + reach })
}
