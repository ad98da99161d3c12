/** Writes a comparison of two runs for a terminal, for Markdown, and for programs. */
import { markdownTable } from 'markdown-table'
import { formatValue } from '../report/format.ts'
import { inWidth, wrap } from '../report/in-width.ts'
import { literal } from '../text/markdown.ts'
import type { ComparedFinding, Comparison, RunIdentity } from './compare-runs.ts'
import type { ComparisonFormat } from './comparison-formats.ts'
import { formatChange } from './format-change.ts'
import { percent } from './gate-text.ts'

/** Raised when a reader of the JSON would misread newer ones. */
const schemaVersion = 1

const titles = ['strategy', 'metric', 'before', 'after', 'change', '']

function legend({ margins }: Comparison): string[] {
  const [ratio, value] = [margins['ratio to control'], margins.value].map(percent)
  return [
    'change: of the ratio to the control measured in the same trial, with its 95 % interval; * of the value itself.',
    `better, worse: of a cost, by more than two sessions may with the same code (${ratio}, or ${value} where there is a *), and clear of the noise between trials even when all rows are taken together. ~: no detectable change.`,
  ]
}

/** @param columns that the terminal has; without, no line of text is broken */
export function renderComparison(
  comparison: Comparison,
  format: ComparisonFormat,
  columns = Number.POSITIVE_INFINITY,
): string {
  if (format === 'json') return `${JSON.stringify({ schemaVersion, ...comparison }, null, 1)}\n`
  const groups = [
    ...Map.groupBy(
      comparison.findings.filter(({ change }) => change !== 'not comparable'),
      (row) => `${row.experiment}: ${row.case}`,
    ),
  ].map(([title, rows]) => ({ title, rows: rows.map(cells) }))
  const refused = [
    ...Map.groupBy(
      comparison.findings.filter(({ change }) => change === 'not comparable'),
      (row) => row.reason,
    ),
  ].map(([reason, rows]) => `${reason} (${rows.length}: ${summaryOf(rows)})`)
  return format === 'markdown'
    ? markdown(comparison, groups, refused)
    : text(comparison, groups, refused, columns)
}

interface Group {
  readonly title: string
  readonly rows: readonly (readonly string[])[]
}

function text(
  comparison: Comparison,
  groups: readonly Group[],
  refused: readonly string[],
  columns: number,
): string {
  const all = [titles, ...groups.flatMap(({ rows }) => rows)]
  const widest = Math.max(...all.map(([strategy]) => strategy!.length))
  // One column, so that every part of a table that is too wide says of what it is.
  const labelled = ([strategy, metric, ...rest]: readonly string[]) => [
    `${strategy!.padEnd(widest)} ${metric}`,
    ...rest,
  ]
  return `${[
    wrap(`before  ${describeRun(comparison.before)}`, columns),
    wrap(`after   ${describeRun(comparison.after)}`, columns),
    ...comparison.differences.map((difference) => `        ${difference}`),
    '',
    verdictLine(comparison),
    '',
    ...groups.flatMap(({ title, rows }) => [
      title,
      inWidth([titles, ...rows].map(labelled), columns).join('\n\n'),
      '',
    ]),
    ...(refused.length === 0
      ? []
      : ['not comparable', ...refused.map((line) => wrap(`- ${line}`, columns)), '']),
    ...legend(comparison).map((line) => wrap(line, columns)),
  ].join('\n')}\n`
}

function markdown(comparison: Comparison, groups: readonly Group[], refused: readonly string[]): string {
  return `${[
    '# sessionbench: two runs compared',
    [
      `- before: ${literal(describeRun(comparison.before))}`,
      `- after: ${literal(describeRun(comparison.after))}`,
      ...comparison.differences.map((difference) => `- ${literal(difference)}`),
    ].join('\n'),
    `**${verdictLine(comparison)}**`,
    ...groups.flatMap(({ title, rows }) => [
      `### ${literal(title)}`,
      markdownTable([titles, ...rows.map((row) => row.map(literal))], {
        align: ['l', 'l', 'r', 'r', 'r', 'l'],
      }),
    ]),
    ...(refused.length === 0
      ? []
      : ['### Not comparable', refused.map((line) => `- ${literal(line)}`).join('\n')]),
    legend(comparison).join('\n').replaceAll('*', '\\*'),
  ].join('\n\n')}\n`
}

function describeRun({ id, commit, dirty, preset, replicas }: RunIdentity): string {
  const code = commit === null ? '' : `, ${commit.slice(0, 10)}${dirty === true ? ' with changes' : ''}`
  return `${id}${code}, preset ${preset}, ${replicas} replicas`
}

function verdictLine({ findings }: Comparison): string {
  const count = (change: ComparedFinding['change']) => findings.filter((row) => row.change === change).length
  return `${count('worse')} worse, ${count('better')} better, ${count('~')} without a detectable change, ${count('not comparable')} not comparable`
}

function cells(row: ComparedFinding): string[] {
  const value = (of: number | null) => (of === null ? '?' : formatValue(of, row.unit))
  return [
    row.strategy,
    row.metric,
    value(row.before),
    value(row.after),
    row.ratio === null ? '' : `${formatChange(row.ratio)}${row.basis === 'value' ? ' *' : ''}`,
    row.change,
  ]
}

function summaryOf(rows: readonly ComparedFinding[]): string {
  const names = [...new Set(rows.map((row) => `${row.experiment} ${row.metric}`))]
  const more = names.length > 4 ? `, and ${names.length - 4} more` : ''
  return `${names.slice(0, 4).join(', ')}${more}`
}
