/** The last words of a member or a program, for a message. Pure. */
import { clean } from '../text/clean.ts'

const mostLines = 12
/** A line of a log that is longer is no line that anybody reads. */
const longestLine = 1_000

/** Indented, without blank ones; says so when there are none. */
export function lastLines(text: string, lines = mostLines): string {
  const last = clean(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-lines)
  if (last.length === 0) return '  (it wrote nothing)'
  return last
    .map((line) => `  ${line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line}`)
    .join('\n')
}
