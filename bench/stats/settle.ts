/** What would settle an undecided metric: how long a gate would have to be, by what this one has seen. */

import type { MetricDecision } from './gate-decision.ts'
import { type GateMetric, type GatePlan, leastPairs } from './gate-plan.ts'

/** The normal quantile at 0.8: a gate of just the length at which the bound is expected on the tolerance settles half the time. */
const FOUR_IN_FIVE = 0.8416

/**
 * The pairs, in all, that a new gate would need to settle a metric in about four of five cases, if the truth is what
 * was estimated and the noise stays as it was; and which verdict it would then give. A new gate, because the errors
 * of this one are spent: measuring on until a wanted verdict comes is what the plan exists to prevent.
 * A rough guide: with few pairs, estimate and spread are themselves uncertain.
 * @param decision of the metric
 * @param metric from the plan
 * @param plan that the decision was made by
 * @returns null when the estimate lies on the tolerance, where no number of pairs settles anything, or before there
 *   are two pairs.
 */
export function whatWouldSettle(
  decision: MetricDecision,
  metric: GateMetric,
  plan: GatePlan,
): { readonly pairs: number; readonly verdict: 'worse' | 'fine' } | null {
  const last = plan.looks.at(-1)
  const change = (metric.worse === 'higher' ? 1 : -1) * Math.log(decision.estimate)
  const gap = change - Math.log1p(metric.tolerance)
  if (gap === 0 || !last || decision.spread === null) return null
  const verdict = gap > 0 ? 'worse' : 'fine'
  const errors = last[verdict].t + FOUR_IN_FIVE
  const pairs = Math.ceil(((errors * Math.max(decision.spread, metric.leastSpread)) / gap) ** 2)
  return { pairs: Math.max(pairs, leastPairs(plan.metrics.length, plan.alpha)), verdict }
}
