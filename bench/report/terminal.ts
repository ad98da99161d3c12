/** Renders a saved run for a terminal: the answer, what to conclude, the details. */
import { styleText } from 'node:util'
import type { RunRecord } from '../record/run-record.ts'
import type { Summary } from '../record/summary.ts'
import { conclusions } from './conclusions.ts'
import { noiseFloor } from './costs.ts'
import { detailTables } from './details.ts'
import { failureLines } from './failures.ts'
import { headline, legend } from './headline.ts'
import { inWidth, wrap } from './in-width.ts'
import { overview, type Tone } from './overview.ts'

/** What the terminal is like. */
export interface TerminalStyle {
  readonly columns: number
  readonly colours: boolean
}

/** Before a note, as beside the value that it is about. */
const marks = { fail: '!', unknown: '?' } as const

const formats: Record<Tone, Parameters<typeof styleText>[0]> = { good: 'green', bad: 'red', plain: 'none' }

export function renderTerminal(run: RunRecord, { findings }: Summary, style: TerminalStyle): string {
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    style.colours ? styleText(format, text, { validateStream: false }) : text
  const { columns, rows } = overview(run, findings)
  const floor = noiseFloor(
    run.strategies.map(({ name }) => name),
    findings,
  )
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
  const failures = failureLines(findings).map((line) => paint('red', wrap(line, style.columns)))
  const details = detailTables(findings).flatMap(({ title, strategies, rows: metrics, notes }) => [
    paint('bold', title),
    ...inWidth(
      [['', ...strategies], ...metrics.map(({ metric, cells }) => [metric, ...cells])],
      style.columns,
    ),
    ...notes.map(({ verdict, text }) => wrap(`${marks[verdict]} ${text}`, style.columns)),
    '',
  ])
  return `${[
    answer.join('\n\n'),
    '',
    ...(failures.length === 0 ? [] : [...failures, '']),
    ...conclusions(run, findings).map((sentence) => wrap(sentence, style.columns)),
    '',
    ...[...legend, ...(floor === null ? [] : [floor]), ...headline(run)].map((line) =>
      paint('dim', wrap(line, style.columns)),
    ),
    '',
    ...details,
  ].join('\n')}`
}
