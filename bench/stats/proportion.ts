/** The interval of a share, such as logins that survived, from a count of independent cases. */

import { inverseIncompleteBeta } from './beta.ts'
import type { Interval } from './interval.ts'
import { assertLevel } from './sample.ts'

/**
 * The share successes / cases with the exact interval of Clopper and Pearson. Wilson's is narrower on average but
 * may fall short of its level; a claim such as "false alarms at most 1 %" needs one that never does, also at
 * 0 of n and n of n, which are the usual results here.
 * Source: Clopper & Pearson, Biometrika 26(4), 1934; by beta quantiles as in Brown, Cai & DasGupta, "Interval
 * estimation for a binomial proportion", Statistical Science 16(2), 2001.
 * @param successes whole number, 0 … cases
 * @param cases independent cases: users or gates, not requests of one user
 * @param level such as 0.95, two-sided
 * @throws RangeError when the counts do not fit or the level lies outside (0, 1).
 */
export function proportionInterval(
  successes: number,
  cases: number,
  level: number,
): Interval & { readonly low: number; readonly high: number } {
  assertLevel(level)
  if (!Number.isInteger(cases) || cases < 1)
    throw new RangeError(`at least one case was expected, got ${cases}`)
  if (!Number.isInteger(successes) || successes < 0 || successes > cases)
    throw new RangeError(`a count in 0 … ${cases} was expected, got ${successes}`)
  const tail = (1 - level) / 2
  return {
    estimate: successes / cases,
    low: successes === 0 ? 0 : inverseIncompleteBeta(tail, successes, cases - successes + 1),
    high: successes === cases ? 1 : inverseIncompleteBeta(1 - tail, successes + 1, cases - successes),
  }
}
