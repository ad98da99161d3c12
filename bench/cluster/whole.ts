/** Whether a cluster is still the one that was started, or has lost a part that nobody took from it. */
import type { Cluster, Member } from './cluster.ts'

/** All of them, first those without which the others cannot work. */
export function membersOf({ balancer, stores, replicas }: Cluster): Member[] {
  return [balancer, ...stores, ...replicas]
}

/**
 * What is measured on a cluster that has lost a part is not what was asked for: nginx passes a dead replica over, and
 * every figure looks like one of a smaller cluster.
 * @throws {ClusterError} naming the member that has ended or was replaced; of several, the one that takes others with it
 */
export async function expectWhole(cluster: Cluster): Promise<void> {
  for (const member of membersOf(cluster)) await member.expectAlive()
}

/** What `expectWhole` throws, which explains whatever else went wrong; `null` when the cluster is whole. */
export async function lostPart(cluster: Cluster): Promise<unknown> {
  try {
    await expectWhole(cluster)
    return null
  } catch (error) {
    return error
  }
}
