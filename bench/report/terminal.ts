/** Renders a saved run for a terminal: the answer, what to conclude, the details. */
import { stripVTControlCharacters, styleText } from 'node:util'
import CliTable from 'cli-table3'
import type { RunRecord } from '../record/run-record.ts'
import type { Summary } from '../record/summary.ts'
import { conclusions } from './conclusions.ts'
import { detailTables } from './details.ts'
import { headline, legend } from './headline.ts'
import { overview, type Tone } from './overview.ts'

/** What the terminal is like. */
export interface TerminalStyle {
  readonly columns: number
  readonly colours: boolean
}

const formats: Record<Tone, Parameters<typeof styleText>[0]> = { good: 'green', bad: 'red', plain: 'none' }

export function renderTerminal(run: RunRecord, { findings }: Summary, style: TerminalStyle): string {
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    style.colours ? styleText(format, text, { validateStream: false }) : text
  const { columns, rows } = overview(run, findings)
  const answer = inWidth(
    [
      ['strategy', ...columns.map((lines) => lines.join('\n'))],
      ...rows.map(({ strategy, cells }) => [
        paint('bold', strategy),
        ...cells.map(({ text, tone }) => paint(formats[tone], text)),
      ]),
    ],
    style.columns,
  )
  const details = detailTables(findings).flatMap(({ title, strategies, rows: metrics, notes }) => [
    paint('bold', title),
    ...inWidth(
      [['', ...strategies], ...metrics.map(({ metric, cells }) => [metric, ...cells])],
      style.columns,
    ),
    ...notes.map((note) => wrap(`? ${note}`, style.columns)),
    '',
  ])
  return `${[
    answer.join('\n\n'),
    '',
    ...conclusions(run, findings).map((sentence) => wrap(sentence, style.columns)),
    '',
    ...[...legend, ...headline(run)].map((line) => paint('dim', wrap(line, style.columns))),
    '',
    ...details,
  ].join('\n')}`
}

/** Columns of text without lines between them, the first one left, the others right. */
export function plainTable(rows: readonly (readonly string[])[]): string {
  const border = ['top', 'bottom', 'left', 'right', 'mid']
  const none = ['', '-mid', '-left', '-right']
  const chars = Object.fromEntries(border.flatMap((side) => none.map((end) => [side + end, ''])))
  const table = new CliTable({
    chars: { ...chars, middle: ' ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: ['left', ...(rows[0] ?? []).slice(1).map(() => 'right' as const)],
  })
  table.push(...rows.map((row) => [...row]))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** The same table several times with as many of its columns as fit, the first column each time. */
function inWidth(rows: readonly (readonly string[])[], width: number): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  )
  const parts: number[][] = []
  let used = Number.POSITIVE_INFINITY
  for (let column = 1; column < widths.length; column += 1) {
    const needed = (widths[column] ?? 0) + 1
    if (used + needed > width) {
      parts.push([0])
      used = widths[0] ?? 0
    }
    parts.at(-1)?.push(column)
    used += needed
  }
  return parts.map((columns) => plainTable(rows.map((row) => columns.map((column) => row[column] ?? ''))))
}

/** Of the widest line, colours aside. */
function widthOf(text: string): number {
  return Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => line.length),
  )
}

function wrap(text: string, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = `  ${word}`
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}
