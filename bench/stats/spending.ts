/** How the error allowed for one verdict on one metric is spent over the looks of a sequential gate. */

import { criticalRank } from './signed-rank.ts'
import { studentQuantile } from './student.ts'

/** Errors spent by the two bounds up to a look. */
interface Spent {
  readonly student: number
  readonly signedRank: number
}

/** How far a bound reaches at one look. */
export interface Reach {
  /** Standard errors between the mean and Student's bound. */
  readonly t: number
  /** Which Walsh average from the end is the exact bound; null while the pairs are too few for one. */
  readonly rank: number | null
  /** Errors spent so far, this look included. */
  readonly spent: Spent
}

export const NOTHING_SPENT: Spent = { student: 0, signedRank: 0 }

/**
 * The reach of the bounds at a look. Half of the error goes to Student's t, half to the signed-rank test, and each half
 * is spent in proportion to the pairs seen, so that some is there for an early verdict and most is left for the later
 * ones. The errors of all looks and both halves add up to at most `error` (Bonferroni's inequality), so it holds
 * however looks, halves and metrics depend on each other, with no integral to approximate. What the signed-rank test
 * cannot spend, because its errors come in steps of 2^-n, it keeps for later looks.
 * Source: spending of errors, Lan & DeMets, Biometrika 70(3), 1983; its linear form, Kim & DeMets, Biometrika 74(1),
 * 1987 (ρ = 1).
 * @param pairs seen at this look, ≥ 2
 * @param fraction of the error that may be spent by now, (0, 1]; 1 at the last look
 * @param error allowed over the whole gate, one-sided
 * @param before what earlier looks have spent
 */
export function reachAt(pairs: number, fraction: number, error: number, before: Spent): Reach {
  const allowed = (error / 2) * fraction
  const exact = criticalRank(pairs, allowed - before.signedRank)
  return {
    t: studentQuantile(1 - (allowed - before.student), pairs - 1),
    rank: exact.rank,
    spent: { student: allowed, signedRank: before.signedRank + exact.error },
  }
}
