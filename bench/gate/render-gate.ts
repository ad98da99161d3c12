/** A gate for people: on a terminal, and as Markdown for a pull request. */
import { markdownTable } from 'markdown-table'
import { inWidth, wrap } from '../report/in-width.ts'
import { literal } from '../text/markdown.ts'
import type { GateRecord, GateStrategyRecord } from './gate-record.ts'
import { gateColumns, gateRows } from './gate-table.ts'
import { gateNotes, gateSentence, gateSubject } from './gate-text.ts'

const legend =
  'change: head against base, over fresh pairs of clusters, with a range that allows for every metric and look (made for 1 % of gates wrongly worse, 5 % wrongly fine). worse: the whole range is beyond what is accepted; fine: within; undecided: astride.'

/** @param columns that the terminal has; without, no line is broken */
export function renderGateText(gate: GateRecord, columns = Number.POSITIVE_INFINITY): string {
  return `${[
    ...[gateSentence(gate), ...gateSubject(gate)].map((line) => wrap(line, columns)),
    '',
    ...gate.strategies.flatMap((strategy) => [
      title(strategy),
      ...gateNotes(strategy).map((note) => indented(note, columns)),
      ...(strategy.metrics.length === 0
        ? []
        : [inWidth([gateColumns, ...gateRows(strategy)], columns).join('\n\n')]),
      '',
    ]),
    wrap(legend, columns),
  ].join('\n')}\n`
}

/** Last words have lines of their own, which stay as they are unless they are too long. */
function indented(note: string, columns: number): string {
  return note
    .split('\n')
    .flatMap((line) => (line.length + 2 <= columns ? line : wrap(line, columns - 2)).split('\n'))
    .map((line) => `  ${line}`)
    .join('\n')
}

const signs = { worse: '❌', fine: '✅', undecided: '❔' } as const

export function renderGateMarkdown(gate: GateRecord): string {
  return `${[
    `## ${signs[gate.verdict]} sessionbench: ${literal(gateSentence(gate))}`,
    ...gate.strategies.flatMap((strategy) => [
      `### ${signs[strategy.verdict]} ${literal(title(strategy))}`,
      ...(gateNotes(strategy).length === 0
        ? []
        : [
            gateNotes(strategy)
              .map((note) => `- ${literal(note)}`)
              .join('\n'),
          ]),
      ...(strategy.metrics.length === 0 ? [] : [table(strategy)]),
    ]),
    gateSubject(gate)
      .map((line) => `- ${literal(line)}`)
      .join('\n'),
    `<sub>${legend}</sub>`,
  ].join('\n\n')}\n`
}

/** What is fine is folded away: a reader of a pull request wants to see what is not. */
function table(strategy: GateStrategyRecord): string {
  const rows = markdownTable([gateColumns, ...gateRows(strategy).map((row) => row.map(literal))], {
    align: ['l', 'l', 'r', 'r', 'r', 'r', 'r'],
  })
  if (strategy.verdict !== 'fine') return rows
  return `<details><summary>${strategy.metrics.length} metrics over ${strategy.pairs} pairs</summary>\n\n${rows}\n\n</details>`
}

function title({ name, status, verdict, pairs, correctness }: GateStrategyRecord): string {
  if (status !== 'compared') return `${name}: ${status}`
  const logins = correctness.compared === 0 ? '' : `, ${correctness.compared} findings about logins`
  return `${name}: ${verdict} (${pairs} pairs${logins})`
}
