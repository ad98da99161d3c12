/** Renders a saved run as Markdown: the answer, what to conclude, the details. */
import { markdownTable } from 'markdown-table'
import type { RunRecord } from '../record/run-record.ts'
import type { Summary } from '../record/summary.ts'
import { literal } from '../text/markdown.ts'
import { conclusions } from './conclusions.ts'
import { noiseFloor } from './costs.ts'
import { detailTables } from './details.ts'
import { failureLines } from './failures.ts'
import { headline, legend } from './headline.ts'
import { overview } from './overview.ts'

export function renderMarkdown(run: RunRecord, { findings }: Summary): string {
  const { columns, rows } = overview(run, findings)
  const floor = noiseFloor(
    run.strategies.map(({ name }) => name),
    findings,
  )
  const answer = [
    ['strategy', ...columns.map((lines) => lines.join(' '))],
    ...rows.map(({ strategy, cells }) => [
      `**${literal(strategy)}**`,
      ...cells.map(({ text }) => literal(text)),
    ]),
  ]
  const failures = failureLines(findings)
  const details = detailTables(findings).flatMap(({ title, strategies, rows: metrics, notes }) => [
    `### ${literal(title)}`,
    table(
      [['', ...strategies], ...metrics.map(({ metric, cells }) => [metric, ...cells])].map((row) =>
        row.map(literal),
      ),
    ),
    ...(notes.length === 0 ? [] : [listed(notes.map(({ text }) => text))]),
  ])
  return `${[
    `# sessionbench ${literal(run.id)}`,
    table(answer),
    ...(failures.length === 0 ? [] : [listed(failures)]),
    [...legend, ...(floor === null ? [] : [literal(floor)])].join('\n'),
    ...conclusions(run, findings).map(literal),
    '## How it was measured',
    listed(headline(run)),
    '## Details',
    ...details,
  ].join('\n\n')}\n`
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `- ${literal(line)}`).join('\n')
}

function table(rows: readonly (readonly string[])[]): string {
  return markdownTable(
    rows.map((row) => [...row]),
    { align: ['l', ...(rows[0] ?? []).slice(1).map(() => 'r')], stringLength: (text) => text.length },
  )
}
