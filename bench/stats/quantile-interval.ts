/** Which quantiles a sample carries, by its size alone. */

import { incompleteBeta } from './beta.ts'
import { assertLevel } from './sample.ts'

/** Ranks of a sample in rising order, 1 … n; in a histogram, the value at percentile 100 · rank / n. */
export interface QuantileRanks {
  readonly lower: number
  readonly upper: number
}

/** From the best known tail down to the middle, as latencies are usually told. */
const CANDIDATES: readonly number[] = [0.99, 0.975, 0.95, 0.9, 0.5]

/**
 * The ranks whose values hold the quantile between them in `level` of all samples, whatever the distribution: of n
 * values, those up to the quantile are Binomial(n, p), and each side may err by half. The 160 slowest of anything say
 * nothing about how slow the next can be: p99 of 160 lies above their maximum in one sample of five.
 * A sample of requests is no more than this and often less, as neighbours in a window are alike: a quantile that is
 * not bounded here must not be shown, one that is still varies from trial to trial.
 * Source: David & Nagaraja, Order Statistics, 3rd ed., 2003, 7.1; binomial tails as beta integrals, DLMF 8.17.5.
 * @param n values in the sample, a whole number ≥ 0
 * @param p the quantile, in (0, 1)
 * @param level such as 0.95, two-sided; kept or exceeded
 * @returns null when the smallest or the largest value does not bound the quantile.
 * @throws RangeError outside these.
 */
export function quantileRanks(n: number, p: number, level: number): QuantileRanks | null {
  assertLevel(level)
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`a count of values was expected, got ${n}`)
  if (!(p > 0 && p < 1)) throw new RangeError(`a quantile in (0, 1) was expected, got ${p}`)
  const lower = lowerRank(n, p, (1 - level) / 2)
  // Counted from the other end, the upper rank is the lower one of the mirrored quantile.
  const fromTop = lowerRank(n, 1 - p, (1 - level) / 2)
  return lower === 0 || fromTop === 0 ? null : { lower, upper: n + 1 - fromTop }
}

/**
 * The highest of the quantiles that a sample of this size bounds on both sides: p99 takes 368 values, p97.5 146,
 * p95 72, p90 36, the median 6 (at 95 %).
 * @param n values in the sample, a whole number ≥ 0
 * @param candidates in any order, each in (0, 1)
 * @returns null when it bounds none.
 * @throws RangeError as `quantileRanks`.
 */
export function highestQuantile(
  n: number,
  candidates: readonly number[] = CANDIDATES,
  level = 0.95,
): number | null {
  const bounded = candidates.filter((p) => quantileRanks(n, p, level) !== null)
  return bounded.length === 0 ? null : Math.max(...bounded)
}

/** The largest rank whose value lies above the quantile with a chance of at most `tail`; 0 when there is none. */
function lowerRank(n: number, p: number, tail: number): number {
  let sure = 0
  let unsure = n + 1
  while (unsure - sure > 1) {
    const rank = Math.floor((sure + unsure) / 2)
    // The value of this rank is above the quantile when fewer than `rank` values are not: P(Binomial(n, p) < rank).
    if (incompleteBeta(1 - p, n - rank + 1, rank) <= tail) sure = rank
    else unsure = rank
  }
  return sure
}
