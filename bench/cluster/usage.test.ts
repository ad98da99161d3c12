/** Holds the sums by tier to their parts; a part that cannot be told makes the sum untold. */
import { expect, test } from 'vitest'
import type { Cluster, Member, Tier } from './cluster.ts'
import { cpuBetween, cpuByTier, memoryPerReplica, readCpu } from './usage.ts'

function member(tier: Tier, cpuMicros: number | null, memoryBytes: number | null = null): Member {
  const unused = () => Promise.reject(new Error('reading must not act'))
  return {
    name: tier,
    tier,
    stop: unused,
    kill: unused,
    start: unused,
    expectAlive: unused,
    cpuMicros: async () => cpuMicros,
    memoryBytes: async () => memoryBytes,
    logTail: () => '',
  }
}

function cluster(replicas: Member[], balancer: Member, stores: Member[]): Cluster {
  return {
    spec: {
      strategy: { name: 'x', summary: '', needs: [], routing: 'round-robin' },
      replicas: replicas.length,
    },
    entry: new URL('http://127.0.0.1:1'),
    replicas,
    balancer,
    stores,
    routeTo: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

test('tiers are summed over their members; a tier without members has used nothing', async () => {
  const read = await readCpu(cluster([member('replica', 10), member('replica', 5)], member('nginx', 7), []))
  expect(read).toEqual({ replica: 15, nginx: 7, store: 0 })
  expect(cpuByTier.parse(read)).toEqual(read)
})

test('one member that cannot be told makes its tier untold, and no other', async () => {
  const parts = [member('replica', 10), member('replica', null)]
  expect(await readCpu(cluster(parts, member('nginx', 7), [member('store', 3)]))).toEqual({
    replica: null,
    nginx: 7,
    store: 3,
  })
})

test('what was used between two readings', () => {
  const before = { replica: 10, nginx: null, store: 0 }
  expect(cpuBetween(before, { replica: 25, nginx: 5, store: 0 })).toEqual({
    replica: 15,
    nginx: null,
    store: 0,
  })
  expect(cpuBetween({ ...before, nginx: 1 }, { replica: 25, nginx: null, store: 2 }).nginx).toBeNull()
})

test('memory is the mean over the replicas', async () => {
  const known = [member('replica', 0, 100), member('replica', 0, 300)]
  expect(await memoryPerReplica(cluster(known, member('nginx', 0, 900), []))).toBe(200)
  const untold = [member('replica', 0, 100), member('replica', 0)]
  expect(await memoryPerReplica(cluster(untold, member('nginx', 0), []))).toBeNull()
})
