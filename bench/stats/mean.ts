/** Averages and spread of a few trials. */

import { assertPositiveSample, assertSample } from './sample.ts'

/**
 * The arithmetic mean, in the unit of the values.
 * @throws RangeError for no values or values that are not finite.
 */
export function mean(values: readonly number[]): number {
  assertSample(values)
  const first = values[0] as number
  // Summing differences from the first value keeps the mean of identical values exactly that value.
  return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length
}

/**
 * The sample standard deviation (n − 1 below), in the unit of the values; exactly 0 for identical values.
 * @throws RangeError for fewer than two values or values that are not finite.
 */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) throw new RangeError(`a spread needs at least two values, got ${values.length}`)
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

/**
 * The geometric mean: the average for ratios and for values whose noise is a percentage, as it gives A/B and B/A
 * the same weight. Source: Fleming & Wallace, "How not to lie with statistics", CACM 29(3), 1986.
 * @throws RangeError for no values or values that are not finite and above zero.
 */
export function geometricMean(values: readonly number[]): number {
  assertPositiveSample(values)
  return Math.exp(mean(values.map(Math.log)))
}
