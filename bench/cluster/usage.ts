/** What the parts of a running cluster use, summed by tier. */
import { z } from 'zod'
import { amount } from '../record/values.ts'
import type { Cluster, Member } from './cluster.ts'

/** CPU time by tier in microseconds; `null` where the system cannot tell, 0 for a tier that the cluster does not have. */
export const cpuByTier = z.strictObject({
  replica: amount.nullable(),
  nginx: amount.nullable(),
  store: amount.nullable(),
})
export type CpuByTier = z.infer<typeof cpuByTier>

/** CPU time used so far by each tier. */
export async function readCpu(cluster: Cluster): Promise<CpuByTier> {
  const sum = async (members: readonly Member[]) =>
    total(await Promise.all(members.map((member) => member.cpuMicros())))
  const [replica, nginx, store] = await Promise.all([
    sum(cluster.replicas),
    sum([cluster.balancer]),
    sum(cluster.stores),
  ])
  return { replica, nginx, store }
}

/**
 * What each tier used between two readings of the same cluster. Children that have ended are counted in ticks of 10 ms,
 * which takes back a part of what they had used; nothing is the least that can have been used since.
 */
export function cpuBetween(before: CpuByTier, after: CpuByTier): CpuByTier {
  const used = (from: number | null, to: number | null) =>
    from === null || to === null ? null : Math.max(0, to - from)
  return {
    replica: used(before.replica, after.replica),
    nginx: used(before.nginx, after.nginx),
    store: used(before.store, after.store),
  }
}

/** Mean resident memory of a replica in bytes; `null` where the system cannot tell. */
export async function memoryPerReplica(cluster: Cluster): Promise<number | null> {
  const bytes = total(await Promise.all(cluster.replicas.map((replica) => replica.memoryBytes())))
  return bytes === null ? null : bytes / cluster.replicas.length
}

/** Commands that the cluster's stores have processed so far; `null` where one of them cannot be asked. */
export async function readStoreCommands(cluster: Cluster): Promise<number | null> {
  return total(
    await Promise.all(cluster.stores.map(async (store) => (await store.commandsProcessed?.()) ?? null)),
  )
}

function total(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0)
}
