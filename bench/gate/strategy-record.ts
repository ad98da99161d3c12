/** Writes down what a gate found out about one strategy; pure. */
import { bottleneck } from '../load/audit.ts'
import type { GateDecision } from '../stats/gate-decision.ts'
import type { GatePlan } from '../stats/gate-plan.ts'
import { geometricMean } from '../stats/mean.ts'
import { whatWouldSettle } from '../stats/settle.ts'
import type { Correctness } from './correctness.ts'
import type { PairMetric } from './gate-metrics.ts'
import type { GateMetricRecord, GateStrategyRecord } from './gate-record.ts'
import type { PairRecord } from './pair-record.ts'

/** @param planned fixed before the first pair @param found what the pairs, and the checks before them, have shown */
export function strategyRecord(
  {
    name,
    metrics,
    plan,
  }: { readonly name: string; readonly metrics: readonly PairMetric[]; readonly plan: GatePlan },
  {
    pairs,
    correctness,
    decision,
  }: {
    readonly pairs: readonly PairRecord[]
    readonly correctness: Correctness
    readonly decision: GateDecision | null
  },
): GateStrategyRecord {
  const fell = correctness.falls.length > 0
  const late = lateGenerator(pairs)
  const verdict = fell ? 'worse' : (decision?.verdict ?? 'undecided')
  return {
    name,
    status: 'compared',
    verdict: verdict === 'fine' && late !== null ? 'undecided' : verdict,
    note: noteOf(fell, decision, pairs.length, plan) || (late ?? ''),
    correctness: {
      compared: correctness.compared,
      falls: correctness.falls.map((fall) => ({ ...fall })),
    },
    pairs: pairs.length,
    metrics:
      decision === null
        ? []
        : metrics.map((metric) => {
            const record = metricRecord(metric, plan, decision, pairs)
            const doubtful = late !== null && record.verdict === 'fine' && metric.unit === 'ms'
            return doubtful ? { ...record, verdict: 'undecided' as const } : record
          }),
  }
}

/**
 * What comes late from the generator is late on both sides, so that their latencies are more alike than they are: of many
 * such pairs they, the metrics in ms, cannot be called fine. Everything else is counted, not timed, and stands.
 */
const lateGeneratorShare = 0.25

function lateGenerator(pairs: readonly PairRecord[]): string | null {
  const late = pairs.flatMap(({ generator }) => bottleneck(generator) ?? [])
  if (late.length <= lateGeneratorShare * pairs.length) return null
  return `latencies are partly the generator's own: in ${late.length} of ${pairs.length} pairs this machine was too slow, or too busy, for it; ${late[0]}`
}

function noteOf(fell: boolean, decision: GateDecision | null, pairs: number, plan: GatePlan): string {
  if (fell) return pairs === 0 ? 'costs were not compared: logins come first' : ''
  const first = plan.looks[0]!.pairs
  if (decision === null) return 'not measured: the gate had ended before'
  if (decision.verdict === 'undecided' && pairs < first) {
    return `${pairs} pairs in the time there was, at least ${first} are needed to tell anything`
  }
  if (decision.verdict === 'undecided' && !decision.stop) return 'the gate ended before it was settled'
  return ''
}

function metricRecord(
  { name, unit, worse, value }: PairMetric,
  plan: GatePlan,
  decision: GateDecision,
  pairs: readonly PairRecord[],
): GateMetricRecord {
  const planned = plan.metrics.find((metric) => metric.name === name)!
  const { verdict, estimate, low, high, spread, pairs: used } = decision.metrics[name]!
  const mean = (side: 'base' | 'head') =>
    geometricMean(pairs.slice(0, used).map((pair) => value(pair[side])!))
  const settle = verdict === 'undecided' ? whatWouldSettle(decision.metrics[name]!, planned, plan) : null
  return {
    name,
    unit,
    worse,
    tolerance: planned.tolerance,
    verdict,
    base: mean('base'),
    head: mean('head'),
    ratio: estimate,
    low,
    high,
    spread,
    settledBy: settle === null || !Number.isFinite(settle.pairs) ? null : settle,
  }
}
