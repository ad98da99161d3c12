/** Starts and ends one process of a local cluster, in a group of its own so that nothing of it is left behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClusterError } from '../errors.ts'
import { ownGroup } from '../processes/own-group.ts'
import { isRunning, type ProcessId } from '../processes/process-table.ts'
import { startProblem } from '../processes/start-problem.ts'

/** What to run. */
export interface ProcessSpec {
  /** For messages, e.g. `replica-1`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** What it reads on stdin, to its end; absent: nothing. */
  readonly input?: string
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** The file that takes what it writes on stdout and stderr; it is appended to. */
  readonly logFile: string
  /** Called at once; when it throws the process is killed. */
  readonly onStart: (leader: ProcessId) => void
}

/** A process that has been started. */
export interface RunningProcess {
  readonly pid: number
  /** Resolves, never rejects, with a description of how it ended: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>
  hasEnded(): boolean
  /** Asks the system, which knows of an end before `hasEnded` is told of it. */
  isRunning(): boolean
  /** Sends a signal to the process alone; one that has ended is sent nothing. */
  send(signal: NodeJS.Signals): void
  /**
   * SIGTERM, then SIGKILL to the whole group when it takes longer than `graceMs` or `signal` is aborted; resolves when it
   * has ended.
   */
  stop(graceMs: number, signal?: AbortSignal): Promise<void>
  /** SIGKILL to the whole group; resolves when it has ended. */
  kill(): Promise<void>
}

/**
 * @throws {ClusterError} when the program cannot be executed
 * @throws {EnvironmentError} when the system starts no more processes
 */
export async function startProcess(spec: ProcessSpec): Promise<RunningProcess> {
  const child = launch(spec)
  if (child.pid === undefined) {
    const [cause] = (await once(child, 'error')) as [Error]
    throw cannotExecute(spec, cause)
  }
  child.stdin?.on('error', () => {}) // it ended without having read everything: its end and its log tell why
  child.stdin?.end(spec.input)
  const group = ownGroup(child)
  let how: string | null = null
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      how = signal ?? `exit code ${code}`
      resolve(how)
    })
  })
  try {
    spec.onStart(group.leader)
  } catch (error) {
    group.signal('SIGKILL') // nobody would know of it
    throw error
  }
  const kill = async () => {
    group.signal('SIGKILL')
    await ended
    group.signal('SIGKILL') // when the leader has ended by itself: what it has started must not outlive it
  }
  return {
    pid: group.leader.pid,
    ended,
    hasEnded: () => how !== null,
    isRunning: () => how === null && isRunning(group.leader),
    kill,
    send: (name) => group.signalLeader(name),
    async stop(graceMs, impatience) {
      group.signalLeader('SIGTERM')
      const over = new AbortController()
      const either = AbortSignal.any([over.signal, ...(impatience === undefined ? [] : [impatience])])
      await Promise.race([ended, sleep(graceMs, undefined, { signal: either }).catch(() => {})])
      over.abort()
      await kill()
    },
  }
}

function launch(spec: ProcessSpec): ChildProcess {
  const log = openSync(spec.logFile, 'a')
  try {
    return spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      stdio: [spec.input === undefined ? 'ignore' : 'pipe', log, log],
      detached: true, // a group of its own: a Ctrl-C in the terminal reaches the harness alone
    })
  } catch (cause) {
    throw cannotExecute(spec, cause as Error) // some reasons are thrown, others are told by an event
  } finally {
    closeSync(log)
  }
}

function cannotExecute({ name, command }: ProcessSpec, cause: Error): unknown {
  const problem = startProblem(cause)
  if (problem !== cause) return problem
  return new ClusterError(`${name}: ${command} cannot be executed: ${cause.message}`, { cause })
}
