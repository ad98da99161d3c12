/** Starts and ends one process of a local cluster, in a group of its own so that nothing of it is left behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClusterError } from '../errors.ts'
import { groupMembers } from '../processes/process-table.ts'

/** What to run. */
export interface ProcessSpec {
  /** For messages, e.g. `replica-1`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** The file that takes what it writes on stdout and stderr; it is appended to. */
  readonly logFile: string
  /** Called at once with the process's number. */
  readonly onStart: (pid: number) => void
}

/** A process that has been started. */
export interface RunningProcess {
  readonly pid: number
  /** Resolves, never rejects, with a description of how it ended: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>
  hasEnded(): boolean
  /** Sends a signal to the process alone; one that has ended is sent nothing. */
  send(signal: NodeJS.Signals): void
  /** SIGTERM, then SIGKILL to the whole group when it takes longer than `graceMs`; resolves when it has ended. */
  stop(graceMs: number): Promise<void>
  /** SIGKILL to the whole group; resolves when it has ended. */
  kill(): Promise<void>
}

/** @throws {ClusterError} when the program cannot be executed */
export async function startProcess(spec: ProcessSpec): Promise<RunningProcess> {
  const log = openSync(spec.logFile, 'a')
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    stdio: ['ignore', log, log],
    detached: true, // a group of its own: a Ctrl-C in the terminal reaches the harness alone
  })
  closeSync(log)
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw new ClusterError(`${spec.name}: ${spec.command} cannot be executed: ${(cause as Error).message}`, {
      cause,
    })
  }
  const pid = child.pid
  if (pid === undefined)
    throw new ClusterError(`${spec.name}: ${spec.command} has started without a process number`)
  try {
    spec.onStart(pid)
  } catch (error) {
    child.kill('SIGKILL') // nobody would know of it: a moment old, it has started nothing itself
    throw error
  }

  let how: string | null = null
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      how = signal ?? `exit code ${code}`
      resolve(how)
    })
  })
  const signal = (name: NodeJS.Signals, target: number) => {
    try {
      process.kill(target, name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  const kill = async () => {
    signal('SIGKILL', -pid)
    await ended
  }
  return {
    pid,
    ended,
    hasEnded: () => how !== null,
    kill,
    send(name) {
      if (how === null) signal(name, pid)
    },
    async stop(graceMs) {
      if (how === null) {
        signal('SIGTERM', pid)
        const timer = new AbortController()
        await Promise.race([ended, sleep(graceMs, undefined, { signal: timer.signal }).catch(() => {})])
        timer.abort()
      }
      // Also when the leader has ended by itself: what it has started must not outlive it.
      if (how === null || groupMembers(pid).length > 0) await kill()
    },
  }
}

/** The last lines of a log file, indented for a message; says so when there are none. */
export function logTail(file: string, lines = 12): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    text = '' // the process did not get as far as having a log
  }
  const tail = text.trimEnd().split('\n').slice(-lines)
  return tail.join('') === '' ? '  (it wrote nothing)' : tail.map((line) => `  ${line}`).join('\n')
}
