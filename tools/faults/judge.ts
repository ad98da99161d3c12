/** What a command owes whoever ran it, and where it fell short of that. Pure. */
import { ExitCode } from '../../bench/errors.ts'
import type { Finding } from '../../bench/record/finding.ts'
import type { RunRecord } from '../../bench/record/run-record.ts'
import { wrongFigures } from './figures.ts'
import { wrongInMessage, wrongInText } from './text.ts'

/** How a process ended: its exit code, or the signal that ended it. */
export type End = number | NodeJS.Signals

/** A command, after it has ended. */
export interface SeenCommand {
  /** As it would be typed. */
  readonly line: string
  readonly end: End
  readonly stdout: string
  readonly stderr: string
  /** From the first signal that asked it to stop to its end, in milliseconds; `null` when it was not asked to. */
  readonly stoppingMs: number | null
  /** For how long it ran before it had to be killed, in milliseconds; `null` when it ended by itself. */
  readonly overdueMs: number | null
}

/** What one command owes after what was done to it. */
export interface Owed {
  /** How it may end. */
  readonly ends: readonly End[]
  /** What its message has to speak of when it failed. */
  readonly names?: RegExp
  /** Nobody was there to read its message. */
  readonly unheard?: true
}

/** The folder of a run, as it is read again. */
export interface SeenRun {
  readonly folder: string
  /** `null` when it cannot be read. */
  readonly status: RunRecord['status'] | null
  readonly replicas: number
  readonly findings: readonly Finding[]
  readonly hasSummary: boolean
  /** Why something in it cannot be read, or was lost. */
  readonly problems: readonly string[]
}

/** What is still there when everything should be gone. */
export interface Left {
  readonly processes: readonly string[]
  readonly folders: readonly string[]
}

const documented: readonly End[] = Object.values(ExitCode)
const failures: readonly End[] = [ExitCode.harness, ExitCode.usage, ExitCode.trialFailed, ExitCode.failed]
/** An orderly way out may wait for a process that has to be killed in the end. */
const stopWithinMs = 10_000

export function judgeCommand(seen: SeenCommand, owed: Owed): string[] {
  const { end, stderr, stdout, stoppingMs, overdueMs } = seen
  if (overdueMs !== null) return [`${seen.line} had not ended after ${seconds(overdueMs)}`]
  const failed = failures.includes(end) && owed.unheard !== true
  return [
    ...(owed.ends.includes(end)
      ? []
      : [`${endText(end)}, expected ${owed.ends.join(' or ')}${tail(stderr)}`]),
    ...(typeof end !== 'number' || documented.includes(end) || owed.ends.includes(end)
      ? []
      : ['no exit code that is documented']),
    ...(failed ? wrongInMessage(stderr) : []),
    ...(failed && owed.names !== undefined && !owed.names.test(stderr + stdout)
      ? [`the message does not speak of ${owed.names.source}${tail(stderr)}`]
      : []),
    ...(end === ExitCode.interrupted && owed.unheard !== true && stderr.trim() === ''
      ? ['interrupted without a message']
      : []),
    ...wrongInText(stdout + stderr),
    ...(stoppingMs !== null && stoppingMs > stopWithinMs ? [`it took ${seconds(stoppingMs)} to stop`] : []),
  ]
}

export function judgeLeft({ processes, folders }: Left): string[] {
  return [
    ...(processes.length > 0 ? [`processes were left: ${processes.join('; ')}`] : []),
    ...(folders.length > 0 ? [`folders were left: ${folders.join(', ')}`] : []),
  ]
}

/** @param cutOff whether the run was killed, and so could not say how it ended */
export function judgeRunFolder(run: SeenRun, cutOff: boolean): string[] {
  const ended = cutOff || run.status === null
  return [
    ...run.problems,
    ...(!ended && run.status === 'running' ? ['run.json still says running'] : []),
    ...(!ended && run.status !== 'running' && !run.hasSummary ? ['there is no summary'] : []),
    ...wrongFigures(run.findings, run.replicas),
  ].map((problem) => `${run.folder}: ${problem}`)
}

function endText(end: End): string {
  return typeof end === 'number' ? `exit code ${end}` : `ended by ${end}`
}

function tail(stderr: string): string {
  const lines = stderr.trim().split('\n').slice(-3)
  return lines.join('') === '' ? ', without a message' : `: ${lines.join(' | ').slice(-400)}`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
