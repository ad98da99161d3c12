/** A gate as lines that GitHub Actions shows beside the change (workflow commands). */
import type { GateRecord } from './gate-record.ts'
import { gateNotes, gateSentence } from './gate-text.ts'

/** An error for each strategy that is worse, a warning for one that is undecided, a notice when all is fine. */
export function renderAnnotations(gate: GateRecord): string[] {
  const told = gate.strategies.flatMap((strategy) => {
    const notes = gateNotes(strategy).join('\n')
    if (strategy.verdict === 'worse') return [command('error', `${strategy.name} is worse`, notes)]
    if (strategy.verdict === 'undecided') return [command('warning', `${strategy.name} is undecided`, notes)]
    return []
  })
  return told.length > 0 ? told : [command('notice', 'sessionbench', gateSentence(gate))]
}

/** That there is no verdict, and why. */
export function renderFailureAnnotation(message: string): string {
  return command('error', 'sessionbench: no verdict', message)
}

/**
 * Escaped as GitHub's own toolkit does (actions/toolkit, packages/core/src/command.ts): a message must not be able to
 * end the line and begin another command.
 */
function command(level: 'error' | 'warning' | 'notice', title: string, message: string): string {
  const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
  return `::${level} title=${property(title)}::${data(message)}`
}
