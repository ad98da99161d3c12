/** Tables and sentences laid out for a terminal of some width. */
import { stripVTControlCharacters } from 'node:util'
import CliTable from 'cli-table3'

/** The same table several times with as many of its columns as fit into `width` characters, the first column each time. */
export function inWidth(rows: readonly (readonly string[])[], width: number): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  )
  const parts: number[][] = []
  let used = 0
  for (let column = 1; column < widths.length; column += 1) {
    const needed = (widths[column] ?? 0) + 1
    if (parts.length === 0 || used + needed > width) {
      parts.push([0])
      used = widths[0] ?? 0
    }
    parts.at(-1)?.push(column)
    used += needed
  }
  return parts.map((columns) => plainTable(rows.map((row) => columns.map((column) => row[column] ?? ''))))
}

/** Lines of whole words; those after the first are indented. */
export function wrap(text: string, width: number): string {
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

/** Columns of text without lines between them, the first one left, the others right. */
function plainTable(rows: readonly (readonly string[])[]): string {
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

/** Of the widest line, colours aside. */
function widthOf(text: string): number {
  return Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => line.length),
  )
}
