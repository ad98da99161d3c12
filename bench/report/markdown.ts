/** Renders a saved run as Markdown: the answer, what to conclude, the details. */
import { markdownTable } from 'markdown-table'
import type { RunRecord } from '../record/run-record.ts'
import type { Summary } from '../record/summary.ts'
import { conclusions } from './conclusions.ts'
import { noiseFloor } from './costs.ts'
import { detailTables } from './details.ts'
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
    ...rows.map(({ strategy, cells }) => [`**${strategy}**`, ...cells.map(({ text }) => text)]),
  ]
  const details = detailTables(findings).flatMap(({ title, strategies, rows: metrics, notes }) => [
    `### ${title}`,
    table([['', ...strategies], ...metrics.map(({ metric, cells }) => [metric, ...cells])]),
    ...(notes.length === 0 ? [] : [notes.map(({ text }) => `- ${text}`).join('\n')]),
  ])
  return `${[
    `# sessionbench ${run.id}`,
    table(answer),
    [...legend, ...(floor === null ? [] : [floor])].join('\n'),
    ...conclusions(run, findings),
    '## How it was measured',
    headline(run)
      .map((line) => `- ${line}`)
      .join('\n'),
    '## Details',
    ...details,
  ].join('\n\n')}\n`
}

function table(rows: readonly (readonly string[])[]): string {
  return markdownTable(
    rows.map((row) => [...row]),
    { align: ['l', ...(rows[0] ?? []).slice(1).map(() => 'r')], stringLength: (text) => text.length },
  )
}
