/** Holds the watch over a cluster to telling of each loss once, and to ending when it is told to. */
import { expect, test } from 'vitest'
import type { Cluster, Member } from '../cluster/cluster.ts'
import { ClusterError, EnvironmentError } from '../errors.ts'
import { until } from '../testing/until.ts'
import { watchMembers } from './watch-members.ts'

/** A cluster whose members are lost when `problems` says so. */
function clusterOf(names: readonly string[], problems: Map<string, Error>) {
  const looks = { count: 0 }
  const members = names.map(
    (name) =>
      ({
        name,
        async expectAlive() {
          looks.count += 1
          const problem = problems.get(name)
          if (problem !== undefined) throw problem
        },
      }) as Member,
  )
  const [balancer, ...replicas] = members
  return { looks, cluster: { balancer, replicas, stores: [] } as unknown as Cluster }
}

test('each member that has ended is told of once, and what is left is watched on', async () => {
  const problems = new Map<string, Error>()
  const { cluster, looks } = clusterOf(['nginx', 'replica-1', 'replica-2'], problems)
  const lines: string[] = []
  const controller = new AbortController()
  const watching = watchMembers(cluster, (line) => lines.push(line), controller.signal)
  const told: string[] = []
  for (const name of ['replica-2', 'replica-1']) {
    problems.set(name, new ClusterError(`${name} ended by itself (SIGKILL)`, { ended: name }))
    told.push(`${name} ended by itself (SIGKILL)\nwhat is left of the cluster runs on; Ctrl-C stops it`)
    await until(() => lines.length === told.length)
    expect(lines).toEqual(told)
  }
  const before = looks.count
  await until(() => looks.count > before)
  controller.abort()
  await watching
  expect(lines).toEqual(told)
})

test('what concerns all of them ends the watch', async () => {
  const gone = new EnvironmentError('the Docker Engine does not answer')
  const { cluster } = clusterOf(['nginx'], new Map([['nginx', gone]]))
  await expect(watchMembers(cluster, () => {}, new AbortController().signal)).rejects.toBe(gone)
})
