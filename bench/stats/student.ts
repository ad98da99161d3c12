/** Student's t distribution: how far the mean of few trials may lie from the truth when their spread is unknown too. */

import { inverseIncompleteBeta } from './beta.ts'

/**
 * The t with P(T ≤ t) = p, by inverting the incomplete beta function.
 * Source: Abramowitz & Stegun 26.7.1: P(|T| > t) = I_x(df/2, 1/2) with x = df / (df + t²).
 * @param p in (0, 1)
 * @param df degrees of freedom, > 0, not necessarily whole (Welch)
 * @throws RangeError outside these.
 */
export function studentQuantile(p: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`degrees of freedom must be above 0, got ${df}`)
  if (!(p > 0 && p < 1)) throw new RangeError(`a probability in (0, 1) was expected, got ${p}`)
  if (p === 0.5) return 0
  const tail = Math.min(p, 1 - p)
  // Near the middle x is close to 1 and df·(1 − x)/x would lose its digits, so there the mirrored integral is inverted.
  const size =
    tail < 0.25
      ? sizeFromTail(inverseIncompleteBeta(2 * tail, df / 2, 0.5), df)
      : sizeFromCentre(inverseIncompleteBeta(1 - 2 * tail, 0.5, df / 2), df)
  return p > 0.5 ? size : -size
}

const sizeFromTail = (x: number, df: number) => Math.sqrt((df * (1 - x)) / x)
const sizeFromCentre = (y: number, df: number) => Math.sqrt((df * y) / (1 - y))
