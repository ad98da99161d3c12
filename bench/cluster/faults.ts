/** What is done to a cluster on purpose, one entry each. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import { everyReplicaReady } from './ready.ts'

/** Something that happens to a running cluster. It resolves when every member it affected is ready again. */
export interface Fault {
  /** Kebab-case, as in findings and on screen. */
  readonly name: string
  readonly summary: string
  /** What it acts on: a cluster without a store cannot lose its store. */
  readonly target: 'replicas' | 'stores'
  inject(cluster: Cluster, signal: AbortSignal): Promise<void>
}

/** How long a crashed replica stays away. */
const crashedForMs = 1_000

export const faults: readonly Fault[] = [
  {
    name: 'rolling-restart',
    summary:
      'every replica in turn gets SIGTERM and is started again; the next one when it is ready (a deployment)',
    target: 'replicas',
    async inject(cluster, signal) {
      for (const replica of cluster.replicas) {
        await replica.stop(signal)
        await replica.start(signal)
      }
    },
  },
  {
    name: 'crash',
    summary: 'one replica gets SIGKILL and is back after a second',
    target: 'replicas',
    async inject(cluster, signal) {
      const [victim] = cluster.replicas
      if (victim === undefined) return
      await victim.kill()
      await sleep(crashedForMs, undefined, { signal })
      await victim.start(signal)
    },
  },
  {
    name: 'restart-all',
    summary: 'all replicas get SIGTERM at once and are started again',
    target: 'replicas',
    async inject(cluster, signal) {
      await Promise.all(cluster.replicas.map((replica) => replica.stop(signal)))
      await Promise.all(cluster.replicas.map((replica) => replica.start(signal)))
    },
  },
  {
    name: 'store-restart',
    summary: 'the store gets SIGTERM and is started again on its data',
    target: 'stores',
    async inject(cluster, signal) {
      for (const store of cluster.stores) {
        await store.stop(signal)
        await store.start(signal)
      }
      await everyReplicaReady(cluster, signal)
    },
  },
  {
    name: 'store-crash',
    summary: 'the store gets SIGKILL, which is no power cut, and is started again on its data',
    target: 'stores',
    async inject(cluster, signal) {
      for (const store of cluster.stores) {
        await store.kill()
        await store.start(signal)
      }
      await everyReplicaReady(cluster, signal)
    },
  },
]

/** The faults that can happen to a cluster of this strategy. */
export function faultsFor(strategy: { readonly needs: readonly unknown[] }): readonly Fault[] {
  return faults.filter((fault) => fault.target === 'replicas' || strategy.needs.length > 0)
}
