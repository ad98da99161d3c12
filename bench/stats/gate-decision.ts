/** What the pairs measured so far say, by the plan: worse, fine or undecided, for each metric and for the gate. */

import { type GateMetric, type GatePlan, type Look, lookAt } from './gate-plan.ts'
import { mean, standardDeviation } from './mean.ts'
import { assertSample } from './sample.ts'
import { hodgesLehmann, walshAverages } from './signed-rank.ts'
import type { Reach } from './spending.ts'

export type GateVerdict = 'worse' | 'fine' | 'undecided'

/** What is known of one metric at the look that was used. */
export interface MetricDecision {
  readonly verdict: GateVerdict
  /** head / base, 1 for no change: the Hodges–Lehmann centre of the log ratios, transformed back. */
  readonly estimate: number
  /**
   * The range that holds the true ratio, at all looks at once, with chance 1 − alpha / metrics − beta or more; null
   * before the first look. The verdicts are this range against the tolerance: all beyond it `worse`, all within `fine`.
   */
  readonly low: number | null
  readonly high: number | null
  /** Pairs used: those seen at the latest look, later ones wait for the next. */
  readonly pairs: number
  /** Standard deviation of the log ratios used; null for a single pair. */
  readonly spread: number | null
}

/** What is known of the whole gate. */
export interface GateDecision {
  /** `worse` when any metric is, `fine` when all are. */
  readonly verdict: GateVerdict
  /** Whether to stop: a metric is worse, all are fine, or this was the last look. */
  readonly stop: boolean
  /** Pairs needed for the next look; null when there is none. */
  readonly nextLook: number | null
  /** By the metric's name. */
  readonly metrics: Readonly<Record<string, MetricDecision>>
}

/**
 * Goes through the looks of the plan in order, as far as the data reach, and stops at the first that decides: the
 * answer is the same however often and whenever it is asked, and pairs measured after the end change nothing.
 *
 * Null hypothesis of `worse`: "the true change is at most the tolerance", not "there is no change". A gate against
 * no change would call a real but irrelevant 0.5 % worse, the more surely the longer it measures; and with the
 * margin an unchanged head has the whole tolerance as its distance from a false alarm.
 * @param logRatios by metric, ln(head / base), one per fresh pair of clusters, in the order measured
 * @param plan made before the first of them was seen
 * @param end `last: true` when time is up: all the error that is left is spent on the pairs there are. Honest
 *   only if the end does not depend on the ratios seen.
 * @throws RangeError when a metric of the plan is missing, one has no values or more than another, or one is not finite.
 */
export function decide(
  logRatios: Readonly<Record<string, readonly number[]>>,
  plan: GatePlan,
  { last = false }: { readonly last?: boolean } = {},
): GateDecision {
  const pairs = pairsOf(logRatios, plan)
  let latest: GateDecision | undefined
  for (const look of looksUpTo(pairs, plan, last)) {
    latest = decisionAt(logRatios, plan, look, look.pairs)
    if (latest.stop) return latest
  }
  latest ??= decisionAt(logRatios, plan, undefined, pairs)
  return last ? { ...latest, stop: true, nextLook: null } : latest
}

/** The planned looks that the data reach and, when time is up between two of them, one that spends what is left. */
function looksUpTo(pairs: number, plan: GatePlan, last: boolean): Look[] {
  const reached = plan.looks.filter((look) => look.pairs <= pairs)
  const [first, final] = [plan.looks[0], plan.looks.at(-1)]
  if (!last || !first || !final || pairs < first.pairs || pairs >= final.pairs) return reached
  const before = reached.filter((look) => look.pairs < pairs)
  return [...before, lookAt(plan, before.at(-1), pairs, 1)]
}

function decisionAt(
  logRatios: Readonly<Record<string, readonly number[]>>,
  plan: GatePlan,
  look: Look | undefined,
  pairs: number,
): GateDecision {
  const metrics = Object.fromEntries(
    plan.metrics.map((metric) => [
      metric.name,
      judge((logRatios[metric.name] ?? []).slice(0, pairs), metric, look),
    ]),
  )
  const verdicts = Object.values(metrics).map((metric) => metric.verdict)
  const verdict = verdicts.includes('worse')
    ? 'worse'
    : verdicts.every((v) => v === 'fine')
      ? 'fine'
      : 'undecided'
  const nextLook = plan.looks.find((next) => next.pairs > pairs)?.pairs ?? null
  const stop = verdict !== 'undecided' || nextLook === null
  return { verdict, stop, nextLook: stop ? null : nextLook, metrics }
}

function judge(logRatios: readonly number[], metric: GateMetric, look: Look | undefined): MetricDecision {
  // Where lower is worse the scale is turned over, so that above the tolerance is always the bad side.
  const sign = metric.worse === 'higher' ? 1 : -1
  const values = logRatios.map((value) => sign * value)
  const averages = walshAverages(values)
  const centre = hodgesLehmann(averages)
  const spread = values.length < 2 ? null : standardDeviation(values)
  const facts = { estimate: Math.exp(sign * centre), pairs: values.length, spread }
  if (!look || spread === null) return { ...facts, verdict: 'undecided', low: null, high: null }

  const average = mean(values)
  const error = Math.max(spread, metric.leastSpread) / Math.sqrt(values.length)
  // Both bounds hold, so the tighter one counts; never past the estimate, where wild data make the two disagree.
  const low = Math.min(centre, Math.max(average - look.worse.t * error, fromBelow(averages, look.worse)))
  const high = Math.max(centre, Math.min(average + look.fine.t * error, fromAbove(averages, look.fine)))
  const limit = Math.log1p(metric.tolerance)
  const verdict = low > limit ? 'worse' : high <= limit ? 'fine' : 'undecided'
  const [left, right] = sign === 1 ? [low, high] : [-high, -low]
  return { ...facts, verdict, low: Math.exp(left), high: Math.exp(right) }
}

const fromBelow = (averages: Float64Array, { rank }: Reach) =>
  rank === null ? Number.NEGATIVE_INFINITY : (averages[rank] as number)
const fromAbove = (averages: Float64Array, { rank }: Reach) =>
  rank === null ? Number.POSITIVE_INFINITY : (averages[averages.length - 1 - rank] as number)

function pairsOf(logRatios: Readonly<Record<string, readonly number[]>>, plan: GatePlan): number {
  const counts = plan.metrics.map(({ name }) => {
    const values = logRatios[name]
    if (!values) throw new RangeError(`no log ratios were given for the metric ${name}`)
    assertSample(values)
    return values.length
  })
  const pairs = counts[0] as number
  if (counts.some((count) => count !== pairs))
    throw new RangeError(`every metric needs one log ratio per pair, got ${counts.join(', ')}`)
  return pairs
}
