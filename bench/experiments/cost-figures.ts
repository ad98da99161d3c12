/** What the findings about costs have in common: how windows become a figure, and trials a finding; pure. */
import type { WarmUpRecord } from '../load/warm-up.ts'
import { answeredAsAnother } from '../record/answered-as-another.ts'
import type { Finding, Unit } from '../record/finding.ts'
import { geometricMeanInterval, type Interval, meanInterval } from '../stats/interval.ts'
import { mean } from '../stats/mean.ts'
import { roundsOf } from './cost-rounds.ts'
import { coldDoubt } from './cost-warmth.ts'
import type { CostWindow } from './cost-window.ts'

/** The observations of one trial. */
export interface CostTrial {
  readonly control: string
  readonly twin: string
  readonly warmUp: readonly ({ readonly strategy: string } & WarmUpRecord)[]
  readonly windows: readonly CostWindow[]
  readonly memory: readonly { readonly strategy: string; readonly bytesPerReplica: number | null }[]
}

export const experiment = 'throughput'
/** Of every interval. */
export const level = 0.95
/** An interval that reaches further than this to either side carries a `?`. */
const widest = 0.2

export type About = Pick<Finding, 'strategy' | 'experiment' | 'case'>

/**
 * @param perTrial its value in each trial; one that could not be measured leaves the whole unknown
 * @param doubts what speaks against it
 */
export function summarise(
  about: About & Pick<Finding, 'metric' | 'unit'>,
  perTrial: readonly (number | null)[],
  doubts: readonly string[],
): Finding {
  const values = perTrial.filter((value) => value !== null)
  if (values.length < perTrial.length || values.length === 0) {
    const untold = 'could not be measured: the system does not tell, or there was no request'
    const note = doubts.length > 0 ? doubts.join('; ') : untold
    return { ...about, value: null, low: null, high: null, verdict: 'unknown', note }
  }
  const multiplicative = isMultiplicative(values, about.unit)
  const { estimate, low, high } = multiplicative
    ? geometricMeanInterval(values, level)
    : notBelowNothing(meanInterval(values, level))
  const finding = { ...about, value: estimate, low, high, verdict: 'pass' as const, note: '' }
  const reach = multiplicative ? widthDoubt({ estimate, low, high }) : null
  return doubted(finding, ...doubts, reach)
}

/** The same finding without a verdict, if anything speaks against it. */
export function doubted(finding: Finding, ...doubts: readonly (string | null)[]): Finding {
  const all = unique([
    ...(finding.note === '' ? [] : [finding.note]),
    ...doubts.filter((doubt) => doubt !== null),
  ])
  return all.length === 0 ? finding : { ...finding, verdict: 'unknown', note: all.join('; ') }
}

/** Ratios and times vary by a percentage of themselves; shares and counts may be zero and are averaged as they are. */
function isMultiplicative(values: readonly number[], unit: Unit): boolean {
  return unit !== 'share' && unit !== 'count' && values.every((value) => value > 0)
}

/** Student's interval knows nothing of what it is about: no share and no count is below zero. */
function notBelowNothing({ low, ...interval }: Interval): Interval {
  return { ...interval, low: low === null ? null : Math.max(0, low) }
}

function widthDoubt({ estimate, low, high }: Interval): string | null {
  if (low === null || high === null) return 'one trial: no interval'
  const reach = Math.max(estimate / low, high / estimate) - 1
  return reach <= widest ? null : `the interval reaches ${Math.round(reach * 100)} % to either side`
}

/** Requests without a good answer: where there are any, something was wrong that no cost tells. */
export function failures(about: About, windows: readonly CostWindow[]): Finding {
  const value = sum(windows, failed)
  const count = { ...about, metric: 'failedRequests', value, unit: 'count' as const, low: null, high: null }
  return doubted({ ...count, verdict: 'pass', note: '' }, ...failureDoubt(windows))
}

/** What is told of the answers of these windows is not told of all requests; at most one reason. */
export function failureDoubt(windows: readonly CostWindow[]): string[] {
  const count = sum(windows, failed)
  return count === 0 ? [] : [`${count} of ${count + sum(windows, answered)} requests failed`]
}

/** Of the windows whose answers were looked into. */
export function mixedUp(about: About, windows: readonly CostWindow[]): Finding[] {
  const looked = windows.filter((window) => window.answeredAsAnother !== null)
  if (looked.length === 0) return []
  const answers = sum(looked, answered)
  const asAnother = sum(looked, (window) => window.answeredAsAnother ?? 0)
  return [answeredAsAnother(about, { answers, asAnother })]
}

/** Why the costs of a cluster are those of cold code: at most one reason. */
export function coldOf(trials: readonly CostTrial[], strategy: string): string[] {
  const records = trials.flatMap(({ warmUp }) => warmUp.filter((row) => row.strategy === strategy))
  const requests = Math.min(...records.map(({ requestsPerReplica }) => requestsPerReplica))
  // Pages are what every preset measures most, and what was warmed up by.
  const rounds = trials.map((trial) => roundsOf(trial, strategy, 'me'))
  const asked = rounds.some(({ own }) => own.length > 0)
  return asked ? [coldDoubt(rounds, requests) ?? []].flat() : []
}

export const answered = (window: CostWindow) => window.answered
const failed = (window: CostWindow) => window.failed
export const recognised = (window: CostWindow) => window.recognised
export const elapsedMs = (window: CostWindow) => window.elapsedMs

/** CPU time of a window; `null` where the system does not tell. */
export type Micros = (window: CostWindow) => number | null
/** Replicas, nginx and stores together. */
export const total: Micros = ({ cpuMicros: { replica, nginx, store } }) =>
  replica === null || nginx === null || store === null ? null : replica + nginx + store
export const tiers: readonly (readonly [string, Micros])[] = [
  ['replica', ({ cpuMicros }) => cpuMicros.replica],
  ['nginx', ({ cpuMicros }) => cpuMicros.nginx],
  ['store', ({ cpuMicros }) => cpuMicros.store],
  ['total', total],
]

export function rate({ answered, elapsedMs }: CostWindow): number | null {
  return ratio(answered, elapsedMs / 1000)
}

export function perRequest(window: CostWindow, micros: Micros): number | null {
  return perRequestOfAll([window], micros)
}

export function perRequestOfAll(windows: readonly CostWindow[], micros: Micros): number | null {
  const all = windows.map(micros)
  if (all.some((value) => value === null)) return null
  return ratio(
    (all as number[]).reduce((sum, value) => sum + value, 0),
    sum(windows, (window) => window.answered + window.failed),
  )
}

export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : mean(known)
}

export function ratio(part: number, of: number): number | null {
  return of === 0 ? null : part / of
}

export function sum(windows: readonly CostWindow[], of: (window: CostWindow) => number): number {
  return windows.reduce((all, window) => all + of(window), 0)
}

export function unique(values: readonly string[]): string[] {
  return [...new Set(values)]
}
