/** Runs one program to its end, and on abort ends it together with everything it started. */
import { spawn } from 'node:child_process'
import { ownGroup } from '../processes/own-group.ts'
import type { ProcessId } from '../processes/process-table.ts'
import { startProblem } from '../processes/start-problem.ts'

/** How a program ended and what it printed. */
export interface Ended {
  /** Exit code; `null` when a signal ended it. */
  readonly code: number | null
  readonly killedBy: NodeJS.Signals | null
  /** Standard output and standard error as they came, in one text. */
  readonly output: string
}

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv
  readonly signal?: AbortSignal | undefined
  /** Absent: that of this process. */
  readonly cwd?: string
  /** Called at once with the leader of its group; when it throws the group is killed. */
  readonly onStart?: (leader: ProcessId) => void
}

/** How long a process group has between SIGTERM and SIGKILL. */
const graceMs = 2_000

/**
 * Runs `file` and resolves when it has ended and everything it started has let go of its output.
 * The program leads a process group of its own, because apt-get's download helpers would outlive a signal
 * sent to apt-get alone and write into a folder that is being removed.
 * @throws the signal's reason when aborted, after the whole group has ended; the system's error when it cannot be started.
 */
export function runToEnd(file: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { env, signal, cwd, onStart } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    if (child.pid === undefined) {
      child.once('error', (error) => reject(startProblem(error)))
      return
    }
    const group = ownGroup(child)
    try {
      onStart?.(group.leader)
    } catch (error) {
      group.signal('SIGKILL') // nobody would know of it
      return reject(error)
    }
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))

    let kill: NodeJS.Timeout | undefined
    const end = () => {
      group.signal('SIGTERM')
      kill = setTimeout(() => group.signal('SIGKILL'), graceMs)
    }
    signal?.addEventListener('abort', end, { once: true })
    const settle = () => {
      clearTimeout(kill)
      signal?.removeEventListener('abort', end)
    }
    child.once('close', (code, killedBy) => {
      settle()
      if (signal?.aborted) reject(signal.reason)
      else resolve({ code, killedBy, output: Buffer.concat(chunks).toString() })
    })
  })
}
