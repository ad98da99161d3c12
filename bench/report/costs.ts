/** What the findings say of costs: the columns of the overview, the noise floor, and the order that can be told. */
import type { Finding } from '../record/finding.ts'
import type { PairComparison } from '../stats/pairwise.ts'
import { orderOf } from '../stats/pairwise-order.ts'
import { formatReach, grouped } from './format.ts'
import { list, sentence } from './sentence.ts'

/** Looks up a finding about a strategy by its case and metric. */
type FindCost = (strategy: string, about: string, metric: string) => Finding | undefined

const saturated = 'me-saturated'
const steady = 'me-paced'

/** A cost taken before the code was warm is no cost: its figure is not shown. */
export function isCold({ verdict, note }: Pick<Finding, 'verdict' | 'note'>): boolean {
  return verdict === 'unknown' && note.startsWith('cold')
}

/** Requests per second with their ratio to the control: `12,671 (0.41 ±4 %)`; `null` when it was not asked. */
export function throughputCell(find: FindCost, strategy: string): string | null {
  return valueAndRatio(find, strategy, 'requestsPerSecond', 'ratioToControl')
}

/** CPU time per request of replicas, nginx and stores in µs, with its ratio to the control. */
export function cpuCell(find: FindCost, strategy: string): string | null {
  return valueAndRatio(find, strategy, 'cpuMicrosPerRequest.total', 'cpuRatioToControl')
}

function valueAndRatio(find: FindCost, strategy: string, metric: string, relative: string): string | null {
  const [value, ratio] = [find(strategy, saturated, metric), find(strategy, saturated, relative)]
  if (value === undefined || ratio === undefined) return null
  if (isCold(ratio)) return 'cold'
  if (value.value === null || ratio.value === null) return '?'
  const times = `${ratio.value.toFixed(2)}${formatReach(ratio)}${doubt(ratio)}`
  return `${grouped(value.value, 0)}${doubt(value)} (${times})`
}

const quantiles = ['P99', 'P95', 'P90', 'P50'] as const
export type Quantile = (typeof quantiles)[number]

/** The highest quantile that the samples of all strategies carry; `null` when none was asked for. */
export function carriedQuantile(find: FindCost, strategies: readonly string[]): Quantile | null {
  const asked = strategies.filter((name) => find(name, steady, 'latencyP50Ms') !== undefined)
  if (asked.length === 0) return null
  return quantiles.find((each) => asked.every((name) => find(name, steady, `latency${each}Ms`))) ?? null
}

/** Latency in ms at a steady rate. */
export function latencyCell(find: FindCost, strategy: string, quantile: Quantile): string | null {
  const latency = find(strategy, steady, `latency${quantile}Ms`)
  if (latency === undefined) return null
  if (isCold(latency)) return 'cold'
  return latency.value === null ? '?' : `${grouped(latency.value, 1)}${doubt(latency)}`
}

/** How far apart a control and a second control came out; `null` when costs were not measured, or cold. */
export function noiseFloor(strategies: readonly string[], findings: readonly Finding[]): string | null {
  const ofTwin = (metric: string) =>
    findings.find(
      (row) => row.case === saturated && row.metric === metric && !strategies.includes(row.strategy),
    )
  const [rate, cpu] = [ofTwin('ratioToControl'), ofTwin('cpuRatioToControl')]
  if (rate?.value == null || cpu?.value == null || isCold(rate)) return null
  const of = (row: Finding) => `${row.value!.toFixed(2)}${formatReach(row)}${doubt(row)}`
  return `noise floor: a second control, treated as a strategy, came out at ${of(rate)} × the first one's requests/s and ${of(cpu)} × its CPU per request.`
}

/**
 * What can be told of costs at saturation. Strategies are named in the order of the table, and one is put before another
 * only where they could be told apart in this run.
 * @param candidates whose costs matter
 * @param which of all they are, to begin the sentence with; empty when they are all
 */
export function costConclusion(
  find: FindCost,
  candidates: readonly string[],
  findings: readonly Finding[],
  which: string,
): string | null {
  const of = (name: string) => find(name, saturated, 'ratioToControl')
  const sound = candidates.filter((name) => of(name)?.verdict === 'pass')
  const doubtful = candidates.filter((name) => of(name)?.verdict === 'unknown')
  if (sound.length === 0) {
    if (doubtful.length === 0) return null
    const cold = doubtful.every((name) => isCold(of(name)!))
    return cold
      ? 'Costs were taken on cold code, so nothing can be said of them: the default preset warms up first.'
      : `The costs of this run cannot be compared: ${of(doubtful[0]!)!.note.split('; ')[0]}.`
  }
  const figures = sound.map((name) => {
    const { value } = of(name)!
    const cpu = find(name, saturated, 'cpuRatioToControl')
    const times = cpu?.verdict === 'pass' ? ` (${cpu.value!.toFixed(2)} × the CPU per request)` : ''
    return `${name} ${value!.toFixed(2)}${formatReach(of(name)!)}${times}`
  })
  const doubt = doubtful.length === 0 ? '' : `; ${list(doubtful)} could not be judged`
  const order = orderSentence(sound, findings)
  const head = `${which}at saturation, as a share of the requests/s of the same app without sessions`
  return `${sentence(head)}: ${figures.join(', ')}${doubt}.${order}`
}

function orderSentence(names: readonly string[], findings: readonly Finding[]): string {
  const comparisons = findings.flatMap((row): PairComparison[] => {
    const [kind, second = ''] = row.metric.split('.')
    if (row.case !== saturated || kind !== 'requestsPerSecondBeside') return []
    if (!names.includes(row.strategy) || !names.includes(second)) return []
    const { strategy: first, value: ratio, low, high, verdict } = row
    const told = verdict === 'pass' && low !== null && high !== null && (low > 1 || high < 1)
    return [{ first, second, trials: 0, ratio, low, high, told }]
  })
  if (comparisons.length === 0) return ''
  const { steps, alike } = orderOf(comparisons, 'lower')
  const faster = [...Map.groupBy(steps, ({ better }) => better)].map(
    ([better, proven]) => `${better} served more requests/s than ${list(proven.map(({ worse }) => worse))}`,
  )
  const same = alike.map((group) => `${list(group)} cannot be told apart`)
  return ` ${sentence([...faster, ...same].join('; '))}.`
}

function doubt({ verdict }: Finding): string {
  return verdict === 'unknown' ? '?' : ''
}
