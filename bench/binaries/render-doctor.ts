/** Turns the doctor's checks into plain text for a terminal of 80 columns. */
import type { Check } from './doctor.ts'

const columns = 80
/** Room for the longest status and a gap; advice starts here too, so that its commands fit. */
const statusWidth = 9

/** One line per check, advice indented below it, and a closing sentence. */
export function renderDoctor(checks: readonly Check[]): string {
  const nameWidth = Math.max(0, ...checks.map((check) => check.name.length))
  const versionWidth = Math.max(0, ...checks.map((check) => check.version.length))
  const indent = ' '.repeat(statusWidth)
  const lines: string[] = []
  for (const { status, name, version, where, advice } of checks) {
    const head = `${status.padEnd(statusWidth)}${name.padEnd(nameWidth + 2)}${version.padEnd(versionWidth)}`
    const fits = head.length + 2 + where.length <= columns
    lines.push(fits ? `${head}  ${where}`.trimEnd() : head.trimEnd())
    if (!fits) lines.push(...wrapped(where, indent))
    if (advice !== '') lines.push(...advice.split('\n').flatMap((line) => wrapped(line, indent)))
  }
  return `${[...lines, '', conclusion(checks)].join('\n')}\n`
}

function conclusion(checks: readonly Check[]): string {
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length
  const missing = count('missing')
  const warnings = count('warning')
  const remarks = warnings === 0 ? '' : ` ${warnings} warning${warnings === 1 ? '' : 's'} above.`
  if (missing === 0) return `Clusters can run on this machine.${remarks}`
  return `Clusters cannot run yet: ${missing} thing${missing === 1 ? '' : 's'} missing.${remarks}`
}

/** Breaks at spaces; an indented line is a command to be copied and stays whole. */
function wrapped(text: string, indent: string): string[] {
  if (text.startsWith('  ')) return [`${indent}${text}`]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
      lines.push(indent + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, indent + line]
}
