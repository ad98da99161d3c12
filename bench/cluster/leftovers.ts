/** Removes what runs that were killed have left behind, whichever driver they used. */
import { sweepComposeLeftovers } from './compose-leftovers.ts'
import { sweepWorkspaces } from './workspace.ts'

/** @param notify is told what was removed; not called when there was nothing */
export async function sweepLeftovers(notify: (line: string) => void): Promise<void> {
  const swept = await sweepComposeLeftovers(AbortSignal.timeout(60_000))
  if (swept !== null && swept.projects.length > 0) {
    notify(
      `removed what a killed run had left in Docker: ${swept.containers} containers, ${swept.networks} networks, ${swept.volumes} volumes of ${swept.projects.join(', ')}`,
    )
  }
  const { folders, processGroups } = sweepWorkspaces()
  if (folders.length > 0) {
    notify(
      `removed what a killed run had left: ${folders.length} temporary folders, ${processGroups} running processes`,
    )
  }
}
