/** Runs the `docker` command line: what only Compose can do, and nothing through a shell. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ClusterError, EnvironmentError } from '../errors.ts'
import { ownGroup } from '../processes/own-group.ts'
import { startProblem } from '../processes/start-problem.ts'
import { lastLines } from './last-lines.ts'

/** Where docker-compose.yml lies. */
export const project = fileURLToPath(new URL('../../', import.meta.url))

/** How a command ended. */
export interface CommandResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null
  readonly stdout: string
  /** The last lines of what it wrote on stdout and stderr, in the order in which they came, indented for a message. */
  readonly tail: string
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Ends the command, and what it has started. */
  readonly signal?: AbortSignal
}

const keptCharacters = 64 * 1024
/** How long a command that was told to end may take before it is killed. */
const graceMs = 3_000

/**
 * Runs `docker ARGS…` to its end. A command that is aborted has ended when this rejects.
 * @throws the system's error when there is no such command, an {EnvironmentError} when no process can be started; the
 *   signal's reason when aborted
 */
export async function docker(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { env = process.env, signal } = options
  signal?.throwIfAborted()
  const child = spawn('docker', args, {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own: Compose is a child of `docker`, and a Ctrl-C must reach the harness alone
  })
  if (child.pid === undefined) throw startProblem((await once(child, 'error'))[0])
  const group = ownGroup(child)
  let stdout = ''
  let output = ''
  const keep = (text: string) => {
    output = (output + text).slice(-keptCharacters)
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    keep(text)
  })
  child.stderr.setEncoding('utf8').on('data', keep)

  let killing: NodeJS.Timeout | undefined
  const giveUp = () => {
    group.signal('SIGTERM')
    killing = setTimeout(() => group.signal('SIGKILL'), graceMs)
  }
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null]
    signal?.throwIfAborted()
    return { exitCode, stdout, tail: lastLines(output) }
  } finally {
    clearTimeout(killing)
    signal?.removeEventListener('abort', giveUp)
  }
}

/** As the command line says it up to version 28, and since 29. */
const engineGone = /cannot connect to the docker daemon|failed to connect to the docker api/i

/**
 * The error for a command that failed: an Engine that has gone away is a matter of the machine, not of the cluster.
 * @param what the sentence before what the command said
 */
export function commandError(what: string, { tail }: CommandResult): EnvironmentError | ClusterError {
  return engineGone.test(tail)
    ? new EnvironmentError(
        `the Docker Engine does not answer (any more); see \`docker info\`. It said:\n${tail}`,
      )
    : new ClusterError(`${what}; it said:\n${tail}`)
}
