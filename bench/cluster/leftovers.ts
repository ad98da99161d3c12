/** Removes what runs that were killed have left behind, whichever driver they used. */
import { sweepComposeLeftovers } from './compose-leftovers.ts'
import { sweepWorkspaces } from './workspace.ts'

/**
 * @param notify is told what was removed, and what was left alone because nobody can tell whether it is in use; not
 *   called when there was nothing
 * @throws {EnvironmentError} when the temporary folder cannot be used
 */
export async function sweepLeftovers(notify: (line: string) => void, signal: AbortSignal): Promise<void> {
  const patience = AbortSignal.timeout(60_000)
  const swept = await sweepComposeLeftovers(AbortSignal.any([signal, patience]))
  signal.throwIfAborted()
  if (swept !== null && swept.projects.length > 0) {
    notify(
      `removed what a killed run had left in Docker: ${swept.containers} containers, ${swept.networks} networks, ${swept.volumes} volumes of ${swept.projects.join(', ')}`,
    )
  }
  for (const project of swept?.unknown ?? []) {
    notify(
      leftAlone(
        `the cluster ${project} in Docker`,
        `docker compose -p ${project} down --volumes --remove-orphans`,
      ),
    )
  }
  const { folders, processGroups, unknown } = sweepWorkspaces()
  if (folders.length > 0) {
    notify(
      `removed what a killed run had left: ${folders.length} temporary folders, ${processGroups} running processes`,
    )
  }
  for (const folder of unknown) notify(leftAlone(folder, `rm -r ${folder}`))
}

function leftAlone(what: string, remove: string): string {
  return `left alone: ${what}, of a run in another container, on another machine or before a restart. Only you can tell whether it has ended; if so: ${remove}`
}
