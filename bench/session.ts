/** What every command that starts something shares: a workspace, interruptions, and the promise that nothing is left running. */
import { sweepAfterExit } from './cluster/compose-leftovers.ts'
import { sweepLeftovers } from './cluster/leftovers.ts'
import { openWorkspace, type Workspace } from './cluster/workspace.ts'
import { ExitCode } from './errors.ts'
import { onInterruption } from './interruption.ts'

/** How long the orderly way out may take after an interruption before the hard one is taken. */
const orderlyMs = 20_000
/**
 * One Ctrl-C comes twice, from the terminal and from npm, which passes on what it gets, and one `timeout` three times. All
 * that comes this soon after an interruption is the same one.
 */
const sameMs = 500

/**
 * Runs `work` with a workspace of its own. The first interruption aborts the signal and lets `work` unwind; a second one,
 * an orderly way out that takes too long, or an error nobody caught, kills everything at once.
 * What earlier runs have left behind because they were killed is removed first.
 * @param exit ends the process
 */
export async function inSession<T>(
  exit: (code: number) => void,
  notify: (line: string) => void,
  work: (workspace: Workspace, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let workspace: Workspace | undefined
  const controller = new AbortController()
  const { signal } = controller
  const killAndExit = (code: number) => {
    sweepAfterExit()
    workspace?.killAll()
    workspace?.[Symbol.dispose]()
    exit(code)
  }
  let secondCounts = false
  using held = new DisposableStack()
  const listening = onInterruption((why) => {
    if (secondCounts) killAndExit(ExitCode.interrupted)
    if (signal.aborted) return
    notify(`${why}: stopping everything`)
    controller.abort()
    const later = (ms: number, what: () => void) => held.use(setTimeout(what, ms).unref())
    later(sameMs, () => {
      secondCounts = true
      notify('still stopping; once more to kill it at once')
    })
    later(orderlyMs, () => killAndExit(ExitCode.interrupted))
  })
  held.use(listening)
  const onDefect = (error: unknown) => {
    notify(error instanceof Error ? (error.stack ?? error.message) : String(error))
    killAndExit(ExitCode.harness)
  }
  process.on('uncaughtException', onDefect)
  try {
    await sweepLeftovers(notify, signal)
    workspace = openWorkspace()
    return await work(workspace, signal)
  } finally {
    workspace?.killAll() // whatever did not stop by itself
    workspace?.[Symbol.dispose]()
    process.off('uncaughtException', onDefect)
  }
}
