/** A gate as lines that GitHub Actions shows beside the change (workflow commands). */
import { workflowCommand as command } from '../text/workflow-command.ts'
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
