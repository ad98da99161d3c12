/** Every finding of a run as tables: one per experiment and case, a row per metric, a column per strategy. */
import type { Finding } from '../record/finding.ts'
import { isCold } from './costs.ts'
import { formatReach, formatValue } from './format.ts'

export interface DetailNote {
  readonly verdict: 'fail' | 'unknown'
  readonly text: string
}

export interface DetailTable {
  /** Experiment and case. */
  readonly title: string
  readonly strategies: readonly string[]
  readonly rows: readonly { readonly metric: string; readonly cells: readonly string[] }[]
  /** What has to be known about single values: why they failed, or are in doubt. Each is said once. */
  readonly notes: readonly DetailNote[]
}

export function detailTables(findings: readonly Finding[]): DetailTable[] {
  // Said by itself, with its reasons.
  const told = findings.filter(({ metric }) => metric !== 'trialFailed')
  const groups = Map.groupBy(told, (row) => `${row.experiment}: ${row.case}`)
  return [...groups].map(([title, rows]) => {
    const strategies = unique(rows.map((row) => row.strategy))
    return {
      title,
      strategies,
      rows: unique(rows.map((row) => row.metric)).map((metric) => ({
        metric,
        cells: strategies.map((strategy) =>
          cell(rows.find((row) => row.strategy === strategy && row.metric === metric)),
        ),
      })),
      notes: [
        ...notesOf(rows, 'fail', (about) => unique(about.map((row) => row.metric))),
        // One reason is behind many metrics.
        ...notesOf(rows, 'unknown', () => []),
      ],
    }
  })
}

/**
 * Each note of this verdict once, with the strategies it is about.
 * @param metrics what of them to name
 */
function notesOf(
  rows: readonly Finding[],
  verdict: DetailNote['verdict'],
  metrics: (about: readonly Finding[]) => string[],
): DetailNote[] {
  const noted = rows.filter((row) => row.verdict === verdict && row.note !== '')
  const alike = Map.groupBy(noted, (row) => [...metrics([row]), row.note].join(' '))
  return [...alike.values()].map((about) => ({
    verdict,
    text: `${[unique(about.map((row) => row.strategy)).join(', '), ...metrics(about)].join(': ')}: ${about[0]!.note}`,
  }))
}

function cell(finding: Finding | undefined): string {
  if (finding === undefined) return ''
  const { value, unit, verdict } = finding
  if (value === null) return verdict === 'unknown' ? '?' : '–'
  if (isCold(finding)) return 'cold'
  const doubt = verdict === 'unknown' ? '?' : ''
  return `${formatValue(value, unit)}${formatReach(finding)}${doubt}`
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
