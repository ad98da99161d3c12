/** Turns the windows of all throughput trials into findings; pure. */
import { bottleneck } from '../load/audit.ts'
import { answeredAsAnother } from '../record/answered-as-another.ts'
import type { Finding, Unit } from '../record/finding.ts'
import { geometricMeanInterval, type Interval, meanInterval } from '../stats/interval.ts'
import { geometricMean, mean } from '../stats/mean.ts'
import { type CostWindow, mixNames } from './cost-window.ts'

/** The observations of one trial. */
interface CostTrial {
  readonly control: string
  readonly windows: readonly CostWindow[]
  readonly memory: readonly { readonly strategy: string; readonly bytesPerReplica: number | null }[]
}

const experiment = 'throughput'
const level = 0.95

/** A trial's value of one metric from its windows of one strategy; `null` when it could not be measured. */
type Measure = (windows: readonly CostWindow[], control: readonly CostWindow[]) => number | null

/** The metrics of each kind of window, in the order of the report. */
const metrics: Record<CostWindow['kind'], readonly (readonly [string, Unit, Measure])[]> = {
  saturated: [
    ['requestsPerSecond', '1/s', (windows) => rate(windows)],
    ['ratioToControl', 'ratio', ratioByRound],
    ['recognisedShare', 'share', recognisedShare],
    ['failedRequests', 'count', (windows) => sum(windows, (window) => window.failed)],
    ['latencyP50Ms', 'ms', latency('p50Ms')],
    ['latencyP95Ms', 'ms', latency('p95Ms')],
    ['latencyP99Ms', 'ms', latency('p99Ms')],
    ...cpuMetrics(),
    ['generatorCpuShare', 'share', generatorCpuShare],
  ],
  paced: [
    ['recognisedShare', 'share', recognisedShare],
    ['failedRequests', 'count', (windows) => sum(windows, (window) => window.failed)],
    ['latencyP50Ms', 'ms', latency('p50Ms')],
    ['latencyP95Ms', 'ms', latency('p95Ms')],
    ['latencyP99Ms', 'ms', latency('p99Ms')],
    ...cpuMetrics(),
    [
      'cpuRatioToControl',
      'ratio',
      (windows, control) => ratio(cpuPerRequest(windows), cpuPerRequest(control)),
    ],
    ['generatorCpuShare', 'share', generatorCpuShare],
    [
      'generatorSendLagP99Ms',
      'ms',
      (windows) => maxOrNull(windows.map((window) => window.generator.sendLag?.p99Ms ?? null)),
    ],
  ],
}

/** @param trials all of one plan */
export function judgeCosts(trials: readonly CostTrial[]): Finding[] {
  const names = [...new Set(trials.flatMap((trial) => trial.windows.map((window) => window.strategy)))]
  return names.flatMap((strategy) => [
    ...mixNames.flatMap((mix) =>
      (['saturated', 'paced'] as const).flatMap((kind) => {
        const select = (trial: CostTrial, name: string) =>
          trial.windows.filter(
            (window) => window.strategy === name && window.kind === kind && window.mix === mix,
          )
        const windows = trials.flatMap((trial) => select(trial, strategy))
        if (windows.length === 0) return [] // not asked
        const beside = trials.flatMap((trial) => select(trial, trial.control))
        const isControl = trials.some((trial) => trial.control === strategy)
        const costs = metrics[kind]
          .filter(([metric]) => !(isControl && isRelative(metric)))
          .map(([metric, unit, measure]) =>
            summarise(
              { strategy, experiment, case: `${mix}-${kind}`, metric, unit },
              trials.map((trial) => measure(select(trial, strategy), select(trial, trial.control))),
              audited(isRelative(metric) ? [...windows, ...beside] : windows),
            ),
          )
        return [...costs, ...mixedUp({ strategy, experiment, case: `${mix}-${kind}` }, windows)]
      }),
    ),
    summarise(
      { strategy, experiment, case: 'after-all', metric: 'memoryBytesPerReplica', unit: 'bytes' },
      trials.map((trial) => trial.memory.find((row) => row.strategy === strategy)?.bytesPerReplica ?? null),
      [],
    ),
  ])
}

/** Of the windows whose answers were looked into. */
function mixedUp(
  about: Pick<Finding, 'strategy' | 'experiment' | 'case'>,
  windows: readonly CostWindow[],
): Finding[] {
  const looked = windows.filter((window) => window.answeredAsAnother !== null)
  if (looked.length === 0) return []
  return [
    answeredAsAnother(about, {
      answers: sum(looked, (window) => window.answered),
      asAnother: sum(looked, (window) => window.answeredAsAnother ?? 0),
    }),
  ]
}

/** Whether a metric is compared with the control, and so no better than the control's own windows. */
function isRelative(metric: string): boolean {
  return metric.endsWith('ToControl')
}

/** What the windows say against themselves. */
function audited(windows: readonly CostWindow[]): string[] {
  return [...new Set(windows.map((window) => bottleneck(window.generator)).filter((why) => why !== null))]
}

function summarise(
  about: Pick<Finding, 'strategy' | 'experiment' | 'case' | 'metric' | 'unit'>,
  perTrial: readonly (number | null)[],
  doubts: readonly string[],
): Finding {
  const values = perTrial.filter((value) => value !== null)
  if (values.length < perTrial.length || values.length === 0) {
    const note = 'could not be measured: the system does not tell, or there was no request'
    return { ...about, value: null, low: null, high: null, verdict: 'unknown', note }
  }
  const { estimate, low, high } = interval(values, about.unit)
  const single = values.length === 1 ? ['one trial: no interval'] : []
  const note = (doubts.length > 0 ? doubts : single).join('; ')
  return { ...about, value: estimate, low, high, verdict: doubts.length > 0 ? 'unknown' : 'pass', note }
}

/** Ratios and times vary by a percentage of themselves; shares and counts may be zero and are averaged as they are. */
function interval(values: readonly number[], unit: Unit): Interval {
  const multiplicative = unit !== 'share' && unit !== 'count' && values.every((value) => value > 0)
  return multiplicative ? geometricMeanInterval(values, level) : meanInterval(values, level)
}

function rate(windows: readonly CostWindow[]): number | null {
  const elapsedMs = sum(windows, (window) => window.elapsedMs)
  return elapsedMs === 0 ? null : (1000 * sum(windows, (window) => window.answered)) / elapsedMs
}

/** Each round beside the control's window of the same round. */
function ratioByRound(windows: readonly CostWindow[], control: readonly CostWindow[]): number | null {
  const ratios = windows.map((window) => {
    const beside = control.filter((other) => other.round === window.round)
    return ratio(rate([window]), rate(beside))
  })
  const known = ratios.filter((value) => value !== null && value > 0) as number[]
  return known.length === ratios.length && known.length > 0 ? geometricMean(known) : null
}

function recognisedShare(windows: readonly CostWindow[]): number | null {
  return ratio(
    sum(windows, (window) => window.recognised),
    sum(windows, (window) => window.answered),
  )
}

function generatorCpuShare(windows: readonly CostWindow[]): number | null {
  return windows.length === 0 ? null : mean(windows.map((window) => window.generator.cpuShare))
}

function latency(quantile: 'p50Ms' | 'p95Ms' | 'p99Ms'): Measure {
  return (windows) => {
    const values = windows.map((window) => window.latency[quantile]).filter((value) => value !== null)
    return values.length === 0 ? null : mean(values)
  }
}

function cpuMetrics(): (readonly [string, Unit, Measure])[] {
  const tiers = ['replica', 'nginx', 'store'] as const
  return [
    ...tiers.map((tier): readonly [string, Unit, Measure] => [
      `cpuMicrosPerRequest.${tier}`,
      'µs',
      (windows) =>
        perRequest(
          windows.map((window) => window.cpuMicros[tier]),
          windows,
        ),
    ]),
    ['cpuMicrosPerRequest.total', 'µs', cpuPerRequest],
    [
      'cpuMicrosPerRequest.generator',
      'µs',
      (windows) =>
        ratio(
          sum(windows, (window) => window.generator.cpuMicros),
          sum(windows, (window) => window.generatorRequests),
        ),
    ],
  ]
}

/** CPU time of replicas, nginx and stores together. */
function cpuPerRequest(windows: readonly CostWindow[]): number | null {
  return perRequest(
    windows.map(({ cpuMicros: { replica, nginx, store } }) =>
      replica === null || nginx === null || store === null ? null : replica + nginx + store,
    ),
    windows,
  )
}

function perRequest(micros: readonly (number | null)[], windows: readonly CostWindow[]): number | null {
  if (micros.some((value) => value === null)) return null
  return ratio(
    (micros as number[]).reduce((all, value) => all + value, 0),
    sum(windows, (window) => window.answered + window.failed),
  )
}

function ratio(part: number | null, of: number | null): number | null {
  return part === null || of === null || of === 0 ? null : part / of
}

function sum(windows: readonly CostWindow[], of: (window: CostWindow) => number): number {
  return windows.reduce((all, window) => all + of(window), 0)
}

function maxOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}
