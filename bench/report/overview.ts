/** The answer in one table: a row per strategy, from the findings alone. */
import type { Finding } from '../record/finding.ts'
import type { RunRecord } from '../record/run-record.ts'
import { isTrialFailure } from '../record/trial-failures.ts'
import { carriedQuantile, cpuCell, latencyCell, throughputCell } from './costs.ts'
import { formatShare } from './format.ts'

/** How a cell is to be read: only what is good or bad for users is coloured, costs are not. */
export type Tone = 'good' | 'bad' | 'plain'

export interface Cell {
  readonly text: string
  readonly tone: Tone
}

export interface Overview {
  /** Column titles, in the lines they may be broken into. */
  readonly columns: readonly (readonly string[])[]
  readonly rows: readonly { readonly strategy: string; readonly cells: readonly Cell[] }[]
}

/** Shown where a question does not apply (a store fault without a store) or was not asked. */
const notAsked: Cell = { text: '–', tone: 'plain' }
const unknown: Cell = { text: '?', tone: 'plain' }
const nothingToLose: Cell = { text: 'none', tone: 'plain' }
/** The strategy dropped out of the experiment; the reason stands below the table. */
const failed: Cell = { text: 'failed', tone: 'bad' }

/** Looks up one finding of a run. */
export type Find = (
  strategy: string,
  experiment: string,
  about: string,
  metric: string,
) => Finding | undefined

export function finder(findings: readonly Finding[]): Find {
  const byKey = new Map(
    findings.map((row) => [[row.strategy, row.experiment, row.case, row.metric].join(' '), row]),
  )
  return (...key) => byKey.get(key.join(' '))
}

/** As `Find`, for the experiment that measures costs. */
export function costFinder(find: Find) {
  return (strategy: string, about: string, metric: string) => find(strategy, 'throughput', about, metric)
}

export function overview(
  run: Pick<RunRecord, 'strategies' | 'replicas'>,
  findings: readonly Finding[],
): Overview {
  const found = finder(findings)
  const failures = findings.filter(isTrialFailure)
  const failureOf = (strategy: string, experiment: string) =>
    failures.find((row) => row.strategy === strategy && row.experiment === experiment)
  const find: Find = (strategy, experiment, about, metric) =>
    found(strategy, experiment, about, metric) ?? failureOf(strategy, experiment)
  const survived = (fault: string) => (strategy: string) =>
    find(strategy, 'restart-survival', fault, 'loginsBefore')?.value === 0
      ? nothingToLose
      : share(find(strategy, 'restart-survival', fault, 'survivedShare'))
  const withoutStore = run.strategies.filter(({ needs }) => needs.length === 0).map(({ name }) => name)
  const storeSurvived = (fault: string) => (strategy: string) =>
    withoutStore.includes(strategy) ? notAsked : survived(fault)(strategy)
  const findCost = costFinder(found)
  const quantile = carriedQuantile(
    findCost,
    run.strategies.map(({ name }) => name),
  )
  const cost = (strategy: string, text: string | null): Cell => {
    const failure = failureOf(strategy, 'throughput')
    return text !== null ? { text, tone: 'plain' } : failure === undefined ? notAsked : failed
  }
  const columns: readonly (readonly [readonly string[], (strategy: string) => Cell])[] = [
    [
      ['kept', 'across', 'replicas'],
      (name) => share(find(name, 'login-persistence', String(run.replicas), 'recognisedShare')),
    ],
    [['after', 'rolling', 'restart'], survived('rolling-restart')],
    [['after', 'a crash'], survived('crash')],
    [['after', 'store', 'restart'], storeSurvived('store-restart')],
    [['after', 'store', 'crash'], storeSurvived('store-crash')],
    [['requests/s', '(× control)'], (name) => cost(name, throughputCell(findCost, name))],
    [
      quantile === null ? ['latency', 'ms'] : [quantile.toLowerCase(), 'ms'],
      (name) => cost(name, quantile === null ? null : latencyCell(findCost, name, quantile)),
    ],
    [['CPU µs', '/request', '(× control)'], (name) => cost(name, cpuCell(findCost, name))],
  ]
  return {
    columns: columns.map(([title]) => title),
    rows: run.strategies.map(({ name }) => ({
      strategy: name,
      cells: columns.map(([, cell]) => cell(name)),
    })),
  }
}

function share(finding: Finding | undefined): Cell {
  if (finding === undefined) return notAsked
  if (isTrialFailure(finding)) return failed
  if (finding.value === null) return unknown
  const tones = { pass: 'good', fail: 'bad', unknown: 'plain' } as const
  return { text: `${formatShare(finding.value)}${doubt(finding)}`, tone: tones[finding.verdict] }
}

/** A value that is in doubt keeps standing there and gets a mark: the note of the finding says why. */
function doubt({ verdict }: Finding): string {
  return verdict === 'unknown' ? '?' : ''
}
