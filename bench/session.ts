/** What every command that starts something shares: a workspace, signals, and the promise that nothing is left running. */
import { sweepAfterExit } from './cluster/compose-leftovers.ts'
import { sweepLeftovers } from './cluster/leftovers.ts'
import { openWorkspace, type Workspace } from './cluster/workspace.ts'
import { ExitCode } from './errors.ts'

/** How long the orderly way out may take after an interruption before the hard one is taken. */
const orderlyMs = 20_000

/**
 * Runs `work` with a workspace of its own. The first SIGINT, SIGTERM or SIGHUP aborts the signal and lets `work`
 * unwind; a second one, an orderly way out that takes too long, or an error nobody caught, kills everything at once.
 * What earlier runs have left behind because they were killed is removed first.
 * @param exit ends the process
 */
export async function inSession<T>(
  exit: (code: number) => void,
  notify: (line: string) => void,
  work: (workspace: Workspace, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  await sweepLeftovers(notify, new AbortController().signal)
  const workspace = openWorkspace()
  const controller = new AbortController()
  const killAndExit = (code: number) => {
    sweepAfterExit()
    workspace.killAll()
    workspace[Symbol.dispose]()
    exit(code)
  }
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) killAndExit(ExitCode.interrupted)
    notify(`${name}: stopping everything; once more to kill it at once`)
    controller.abort()
    setTimeout(() => killAndExit(ExitCode.interrupted), orderlyMs).unref()
  }
  const onDefect = (error: unknown) => {
    notify(error instanceof Error ? (error.stack ?? error.message) : String(error))
    killAndExit(ExitCode.harness)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, onSignal)
  process.on('uncaughtException', onDefect)
  try {
    return await work(workspace, controller.signal)
  } finally {
    workspace.killAll() // whatever did not stop by itself
    workspace[Symbol.dispose]()
    for (const name of signals) process.off(name, onSignal)
    process.off('uncaughtException', onDefect)
  }
}
