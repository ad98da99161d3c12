/** Head against a committed baseline, both as ratios to the control; pure. */
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import type { Interval } from '../stats/interval.ts'
import { mean, standardDeviation } from '../stats/mean.ts'
import { welchRatioInterval } from '../stats/welch.ts'
import type { BaselineStrategy } from './baseline-record.ts'
import type { Judgement } from './contest.ts'
import { metricsOf, type PairMetric } from './gate-metrics.ts'
import { type GateMetricRecord, type GateVerdict, together } from './gate-record.ts'
import { logRatiosOf } from './judge-pairs.ts'
import type { PairRecord } from './pair-record.ts'
import { ratioMargin } from './session-margins.ts'

/** Chance of a false alarm over the whole gate, and of calling a metric fine that is above its tolerance. */
const alpha = 0.01
const beta = 0.05

/**
 * The pairs of base and head were not measured together, so Welch's interval takes the place of the paired one.
 * @param pairs of the strategy beside the control, all there will be
 * @param strategies over how many alpha is shared
 */
export function judgeAgainstBaseline(
  before: BaselineStrategy,
  strategy: Pick<StrategyInfo, 'needs'>,
  pairs: readonly PairRecord[],
  { tolerance, strategies }: { readonly tolerance: number; readonly strategies: number },
): Judgement {
  const forgot = mean(before.logRatios.recognisedShare ?? [0]) < Math.log(0.9)
  const metrics = metricsOf(pairs[0]!, { sameNeeds: strategy.needs.length === 0, forgets: forgot }).filter(
    ({ name }) => before.logRatios[name] !== undefined,
  )
  const ratios = logRatiosOf(metrics, pairs)
  const error = alpha / (strategies * metrics.length)
  const rows = metrics.map((metric) =>
    row(metric, before.logRatios[metric.name]!, ratios[metric.name]!, tolerance, error),
  )
  const verdicts = rows.map(({ verdict }) => verdict)
  return { verdict: together(verdicts), stop: true, firstLook: pairs.length, metrics: rows }
}

function row(
  { name, unit, worse, accepted: acceptedOf }: PairMetric,
  base: readonly number[],
  head: readonly number[],
  tolerance: number,
  error: number,
): GateMetricRecord {
  // Whom a strategy knows is no cost that another session would measure otherwise.
  const accepted = unit === 'share' ? acceptedOf(tolerance) : Math.max(acceptedOf(tolerance), ratioMargin)
  const interval = (chance: number) =>
    welchRatioInterval(base.map(Math.exp), head.map(Math.exp), 1 - 2 * chance)
  const sure = interval(error)
  const likely = interval(beta)
  // Above the tolerance is the bad side: where lower is worse, the bound that alarms is the upper one.
  const [low, high] = worse === 'higher' ? [sure.low, likely.high] : [likely.low, sure.high]
  const verdict = verdictOf(worse, low, high, accepted)
  return {
    name,
    unit: 'ratio',
    worse,
    tolerance: accepted,
    verdict,
    base: Math.exp(mean(base)),
    head: Math.exp(mean(head)),
    ratio: sure.estimate,
    low,
    high,
    spread: head.length < 2 ? null : standardDeviation(head),
    settledBy:
      verdict === 'undecided'
        ? settle(worse, { estimate: sure.estimate, low, high }, accepted, head.length)
        : null,
  }
}

/**
 * How many pairs a baseline, and a gate against it, would need to settle a metric in about half of the cases, if the
 * truth is what was estimated and the noise stays: an interval narrows with the square root of the pairs.
 * @param pairs of head, as many as the baseline has
 * @returns `null` when the estimate lies on the tolerance or all but does, or there is no interval to narrow
 */
function settle(
  worse: 'higher' | 'lower',
  { estimate, low, high }: Interval,
  tolerance: number,
  pairs: number,
): GateMetricRecord['settledBy'] {
  if (low === null || high === null) return null
  const limit = worse === 'higher' ? 1 + tolerance : 1 / (1 + tolerance)
  const gap = Math.log(estimate / limit)
  if (gap === 0) return null
  // The bound between the estimate and the tolerance is the one that has to clear it.
  const reach = Math.abs(Math.log((gap > 0 ? low : high) / estimate))
  const isWorse = gap > 0 === (worse === 'higher')
  const needed = Math.ceil(pairs * (reach / gap) ** 2)
  return !Number.isSafeInteger(needed) ? null : { pairs: needed, verdict: isWorse ? 'worse' : 'fine' }
}

function verdictOf(
  worse: 'higher' | 'lower',
  low: number | null,
  high: number | null,
  tolerance: number,
): GateVerdict {
  if (low === null || high === null) return 'undecided'
  if (worse === 'higher') return low > 1 + tolerance ? 'worse' : high <= 1 + tolerance ? 'fine' : 'undecided'
  const limit = 1 / (1 + tolerance)
  return high < limit ? 'worse' : low >= limit ? 'fine' : 'undecided'
}
