/** What the pairs of one strategy say so far, metric by metric; pure. */
import { decide } from '../stats/gate-decision.ts'
import { type GatePlan, planGate } from '../stats/gate-plan.ts'
import { geometricMean } from '../stats/mean.ts'
import { whatWouldSettle } from '../stats/settle.ts'
import type { Judgement } from './contest.ts'
import { forgetsMany, logRatio, metricsOf, type PairMetric } from './gate-metrics.ts'
import type { GateMetricRecord } from './gate-record.ts'
import type { PairRecord } from './pair-record.ts'
import type { StrategyPlan } from './plan-strategies.ts'

/** What is compared, by how often it is looked at and with which errors. */
export interface PairPlan {
  readonly metrics: readonly PairMetric[]
  readonly plan: GatePlan
}

/** Fixes all of it from what the clusters of the first pair can tell; none of its ratios is looked at. */
export function planPairs(
  { strategy, tolerance, maxPairs, alpha }: Omit<StrategyPlan, 'name' | 'orders'>,
  first: PairRecord,
): PairPlan {
  const needs = ({ needs: services }: StrategyPlan['strategy']['base']) => services.toSorted().join()
  const metrics = metricsOf(first, {
    sameNeeds: needs(strategy.base) === needs(strategy.head),
    forgets: forgetsMany(first.base),
  })
  return {
    metrics,
    plan: planGate({
      metrics: metrics.map(({ name, worse, accepted, leastSpread }) => ({
        name,
        worse,
        tolerance: accepted(tolerance),
        leastSpread,
      })),
      maxPairs,
      alpha,
    }),
  }
}

/**
 * @param pairs at least one
 * @param last when time is up: what is left of the error rate is spent on the pairs there are
 */
export function judgePairs(
  planned: Omit<StrategyPlan, 'name' | 'orders'>,
  pairs: readonly PairRecord[],
  last: boolean,
): Judgement {
  const { metrics, plan } = planPairs(planned, pairs[0]!)
  const decision = decide(logRatiosOf(metrics, pairs), plan, { last })
  return {
    verdict: decision.verdict,
    stop: decision.stop,
    firstLook: plan.looks[0]!.pairs,
    metrics: metrics.map((metric, at) => {
      const { verdict, estimate, low, high, spread, pairs: used } = decision.metrics[metric.name]!
      const accepted = plan.metrics[at]!
      const settle =
        verdict === 'undecided' ? whatWouldSettle(decision.metrics[metric.name]!, accepted, plan) : null
      const mean = (side: 'base' | 'head') =>
        geometricMean(pairs.slice(0, used).map((pair) => metric.value(pair[side])!))
      return {
        name: metric.name,
        unit: metric.unit,
        worse: metric.worse,
        tolerance: accepted.tolerance,
        verdict,
        base: mean('base'),
        head: mean('head'),
        ratio: estimate,
        low,
        high,
        spread,
        settledBy: settle === null || !Number.isSafeInteger(settle.pairs) ? null : settle,
      } satisfies GateMetricRecord
    }),
  }
}

/** By metric, one per pair. */
export function logRatiosOf(
  metrics: readonly PairMetric[],
  pairs: readonly PairRecord[],
): Record<string, number[]> {
  return Object.fromEntries(
    metrics.map((metric) => [metric.name, pairs.map((pair) => logRatio(metric, pair))]),
  )
}
