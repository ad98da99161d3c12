/** Head against a committed baseline, both as ratios to the control; pure. */
import type { Interval } from '../stats/interval.ts'
import { mean, standardDeviation } from '../stats/mean.ts'
import { welchRatioInterval } from '../stats/welch.ts'
import type { BaselineStrategy } from './baseline-record.ts'
import { type Correctness, doesNotRun } from './correctness.ts'
import type { PairMetric } from './gate-metrics.ts'
import type { GateMetricRecord, GateStrategyRecord, GateVerdict } from './gate-record.ts'
import { together } from './run-gate.ts'
import { ratioMargin } from './session-margins.ts'
import type { SideError } from './side.ts'

/** Chance of a false alarm over the whole gate, and of calling a metric fine that is above its tolerance. */
const alpha = 0.01
const beta = 0.05

export interface BaselineComparison {
  readonly before: BaselineStrategy
  readonly correctness: Correctness
  /** By metric, ln(strategy / control) of head, one per pair. */
  readonly logRatios: Readonly<Record<string, readonly number[]>>
  /** That head does not run the strategy, after which nothing else of it is compared. */
  readonly failure: SideError | null
  readonly metrics: readonly PairMetric[]
  readonly tolerance: number
  /** Over how many strategies alpha is shared. */
  readonly strategies: number
}

/** The pairs of base and head were not measured together, so Welch's interval takes the place of the paired one. */
export function compareWithBaseline(comparison: BaselineComparison): GateStrategyRecord {
  const { before, correctness, logRatios, failure, metrics } = comparison
  const { falls, compared } = failure === null ? correctness : { falls: [doesNotRun(failure)], compared: 0 }
  const rows = (failure === null ? metrics : []).flatMap((metric) => {
    const [base, head] = [before.logRatios[metric.name], logRatios[metric.name]]
    return base === undefined || head === undefined ? [] : [row(metric, base, head, comparison)]
  })
  const verdict = falls.length > 0 ? 'worse' : together(rows.map((one) => one.verdict))
  return {
    name: before.name,
    status: 'compared',
    verdict,
    note:
      failure === null
        ? 'ratios to the control are compared, over as many pairs as the baseline has (baseline update --pairs)'
        : '',
    correctness: { compared, falls: falls.map((fall) => ({ ...fall })) },
    pairs: Math.max(0, ...Object.values(logRatios).map((values) => values.length)),
    metrics: rows,
  }
}

function row(
  { name, worse, leastTolerance }: PairMetric,
  base: readonly number[],
  head: readonly number[],
  { tolerance, strategies, metrics }: BaselineComparison,
): GateMetricRecord {
  const accepted = Math.max(tolerance, leastTolerance, ratioMargin)
  const interval = (error: number) =>
    welchRatioInterval(base.map(Math.exp), head.map(Math.exp), 1 - 2 * error)
  const sure = interval(alpha / (strategies * metrics.length))
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
 * @returns `null` when the estimate lies on the tolerance, or there is no interval to narrow
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
  return { pairs: Math.ceil(pairs * (reach / gap) ** 2), verdict: isWorse ? 'worse' : 'fine' }
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
