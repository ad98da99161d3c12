/** Quantiles of a sample held in memory. */

import { assertSample } from './sample.ts'

/**
 * The quantile at p by linear interpolation between order statistics: definition 7 of Hyndman & Fan, "Sample
 * quantiles in statistical packages", The American Statistician 50(4), 1996; the default of R, NumPy and
 * spreadsheets, so that anyone can check a figure. For latencies of many requests use a histogram instead.
 * @param values in any order, left as they are
 * @param p in [0, 1]
 * @throws RangeError for no values, values that are not finite or p outside [0, 1].
 */
export function quantile(values: readonly number[], p: number): number {
  assertSample(values)
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a quantile in [0, 1] was expected, got ${p}`)
  const sorted = values.toSorted((a, b) => a - b)
  const position = (sorted.length - 1) * p
  const below = sorted[Math.floor(position)] as number
  const above = sorted[Math.ceil(position)] as number
  return below + (above - below) * (position - Math.floor(position))
}

/** The median; see `quantile`. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}
