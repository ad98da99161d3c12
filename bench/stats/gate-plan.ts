/** The plan of a sequential gate, fixed before the first pair is measured: metrics, tolerances, looks and error rates. */

import { assertLevel } from './sample.ts'
import { NOTHING_SPENT, type Reach, reachAt } from './spending.ts'

/**
 * The change that is accepted unless said otherwise. `worse` means "with confidence above the tolerance", so a
 * change is only found when it stands clear of it: 2.5 % lies half-way between no change and +5 %, and in
 * simulation finds +5 % within 28 pairs in 93 % of gates whose pairs vary by 1.8 %, in 57 % of those whose pairs vary by 3 %
 * (README.md). With 5 % a true +5 % would lie on the border and stay undecided for ever.
 */
export const DEFAULT_TOLERANCE = 0.025

/**
 * No look comes before this many pairs. With 5 or fewer Student's t leans hardest on the shape of noise that nobody
 * has seen yet, and reaches so far at these levels (over ten standard errors) that it could decide next to nothing.
 */
const FIRST_LOOK = 6

/**
 * The least spread that Student's bound believes in unless a metric has its own: what fresh pairs of processes differ by
 * in CPU time, to a multiple of which two-valued noise cannot pass for a change (README.md has the table).
 */
export const LEAST_SPREAD = 0.025

/** One thing that the gate compares, as log(head / base) per pair. */
export interface GateMetric {
  readonly name: string
  /** The change accepted, as a share: 0.025 lets a ratio of up to 1.025 pass (down to 1 / 1.025 where lower is worse). */
  readonly tolerance: number
  /** Which way is worse: `higher` for costs such as CPU time, `lower` for throughput. */
  readonly worse: 'higher' | 'lower'
  /**
   * The least standard deviation between pairs, on the log scale, that Student's bound believes in. A smaller one among
   * few pairs is luck, or noise that takes two values only, for which t is too sure of itself. Exact repetition is left to
   * the signed-rank bound, which needs no spread at all.
   */
  readonly leastSpread: number
}

/** One moment at which the data may end the gate. */
export interface Look {
  /** Pairs seen at this look. */
  readonly pairs: number
  /** The bound that must clear the tolerance for `worse`. */
  readonly worse: Reach
  /** The bound that must stay within the tolerance for `fine`. */
  readonly fine: Reach
}

/** What `decide` needs to know, all of it plain data. */
export interface GatePlan {
  readonly metrics: readonly GateMetric[]
  readonly alpha: number
  readonly beta: number
  /** In rising order; the last has `maxPairs` pairs. */
  readonly looks: readonly Look[]
}

/** What a caller chooses. */
export interface GateOptions {
  /** Everything that could raise an alarm, of all strategies looked at together; names must differ. */
  readonly metrics: readonly {
    name: string
    tolerance?: number
    worse?: 'higher' | 'lower'
    leastSpread?: number
  }[]
  /** The most pairs that time allows. */
  readonly maxPairs: number
  /** Chance that the gate says `worse` of anything that is not above its tolerance, over all metrics and looks. Default 0.01. */
  readonly alpha?: number
  /** Chance that a metric above its tolerance is called `fine`, over all looks. Default 0.05. */
  readonly beta?: number
}

/** The pairs asked for cannot carry the level asked for. */
export class TooFewPairsError extends Error {
  readonly code = 'TOO_FEW_PAIRS'
  readonly pairs: number
  readonly least: number
  constructor(pairs: number, least: number, metrics: number, alpha: number) {
    super(
      `${pairs} pairs are too few for ${metrics} metrics at a false-alarm rate of ${alpha}: at least ${least} are ` +
        'needed. Allow more time, compare fewer metrics or accept more false alarms.',
    )
    this.name = 'TooFewPairsError'
    this.pairs = pairs
    this.least = least
  }
}

/**
 * The least pairs that a plan must allow for. Of n pairs, all point the same way by pure chance once in 2^n, so below
 * this number the exact half of the procedure could never speak and each verdict would rest on normality alone.
 * @param metrics how many are compared
 * @param alpha false alarms allowed over the gate
 */
export function leastPairs(metrics: number, alpha: number): number {
  return Math.max(FIRST_LOOK, Math.ceil(Math.log2((2 * metrics) / alpha)))
}

/**
 * Fixes everything that must not depend on the data.
 *
 * Error over metrics: `worse` is one alarm among many, so alpha is shared equally (Bonferroni). Holm's method finds no
 * first alarm that Bonferroni misses, the gate ends at the first one, and only Bonferroni comes with intervals that
 * agree with the verdicts. `fine` needs no sharing: the gate is fine only if every metric is, and such an
 * intersection-union test keeps its level by itself (Berger, Technometrics 24(4), 1982).
 *
 * Looks: every 2 pairs from 6 to 12, then every 4. More looks end a clear case sooner but cost power at +5 %.
 * @throws TooFewPairsError when maxPairs is below `leastPairs`.
 * @throws RangeError for rates outside (0, 0.5), no metrics, a name twice, or a tolerance or least spread that is not above 0.
 */
export function planGate({ metrics, maxPairs, alpha = 0.01, beta = 0.05 }: GateOptions): GatePlan {
  for (const rate of [alpha, beta]) {
    assertLevel(rate)
    if (rate >= 0.5) throw new RangeError(`an error rate below 0.5 was expected, got ${rate}`)
  }
  if (metrics.length === 0) throw new RangeError('at least one metric was expected, got none')
  if (new Set(metrics.map((metric) => metric.name)).size < metrics.length)
    throw new RangeError('metrics were expected to have different names')
  if (!Number.isInteger(maxPairs))
    throw new RangeError(`a whole number of pairs was expected, got ${maxPairs}`)
  const least = leastPairs(metrics.length, alpha)
  if (maxPairs < least) throw new TooFewPairsError(maxPairs, least, metrics.length, alpha)

  const plan = { metrics: metrics.map(completed), alpha, beta }
  const looks: Look[] = []
  for (const pairs of lookTimes(maxPairs)) looks.push(lookAt(plan, looks.at(-1), pairs, pairs / maxPairs))
  return { ...plan, looks }
}

/**
 * A look at so many pairs after the one before.
 * @param fraction of the errors that may be spent by now: 1 at the last look, which may be earlier than planned
 */
export function lookAt(
  plan: Pick<GatePlan, 'metrics' | 'alpha' | 'beta'>,
  before: Look | undefined,
  pairs: number,
  fraction: number,
): Look {
  return {
    pairs,
    worse: reachAt(pairs, fraction, plan.alpha / plan.metrics.length, before?.worse.spent ?? NOTHING_SPENT),
    fine: reachAt(pairs, fraction, plan.beta, before?.fine.spent ?? NOTHING_SPENT),
  }
}

function lookTimes(maxPairs: number): number[] {
  const times: number[] = []
  for (let pairs = FIRST_LOOK; pairs < maxPairs; pairs += pairs < 12 ? 2 : 4) times.push(pairs)
  return [...times, maxPairs]
}

function completed({
  name,
  tolerance = DEFAULT_TOLERANCE,
  worse = 'higher',
  leastSpread = LEAST_SPREAD,
}: GateOptions['metrics'][number]): GateMetric {
  if (!(tolerance > 0 && tolerance < Number.POSITIVE_INFINITY))
    throw new RangeError(`a tolerance above 0, such as 0.025, was expected for ${name}, got ${tolerance}`)
  if (!(leastSpread > 0 && leastSpread < Number.POSITIVE_INFINITY))
    throw new RangeError(`a least spread above 0, such as 0.02, was expected for ${name}, got ${leastSpread}`)
  return { name, tolerance, worse, leastSpread }
}
