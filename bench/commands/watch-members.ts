/** Tells whoever runs a cluster by hand which of its members have ended without being told to. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Member } from '../cluster/cluster.ts'
import { membersOf } from '../cluster/whole.ts'
import { ClusterError } from '../errors.ts'

const lookAgainAfterMs = 500

/**
 * Looks again and again until the signal is aborted; the cluster is left as it is, since whoever tries it may have ended
 * the member on purpose.
 * @param say is told of each member once
 * @throws what concerns all of them, such as a Docker Engine that is gone
 */
export async function watchMembers(
  cluster: Cluster,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let watched: readonly Member[] = membersOf(cluster)
  while (!signal.aborted) {
    const alive: Member[] = []
    for (const member of watched) {
      try {
        await member.expectAlive()
        alive.push(member)
      } catch (error) {
        if (!(error instanceof ClusterError)) throw error
        say(`${error.message}\nwhat is left of the cluster runs on; Ctrl-C stops it`)
      }
    }
    watched = alive
    await sleep(lookAgainAfterMs, undefined, { signal }).catch(() => {}) // aborted: looked at above
  }
}
