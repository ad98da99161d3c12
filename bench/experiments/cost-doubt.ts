/** What speaks against a cost: who else had the machine, who was the limit, and whether the code was warm; pure. */
import { bottleneck } from '../load/audit.ts'
import { type MachineShares, othersDoubt, percent } from '../load/machine-shares.ts'
import { accepted, type WarmUpRecord } from '../load/warm-up.ts'
import { flatness } from '../stats/flat.ts'
import { mean } from '../stats/mean.ts'
import type { CostWindow } from './cost-window.ts'

/** nginx has one worker, which cannot use more than one core; above this share of it, it is the limit. */
const busyNginx = 0.9
/** A closed loop that leaves more of the machine idle has not saturated it. */
const mostIdle = 0.3

/** Why one saturated window says nothing; `null` when nothing speaks against it. */
export function windowDoubt({ generator, failed, cpuMicros, spanMs }: CostWindow): string | null {
  if (failed > 0) return `${failed} requests failed`
  const nginxShare = (cpuMicros.nginx ?? 0) / 1000 / spanMs
  if (nginxShare > busyNginx) return `nginx was the limit (${percent(nginxShare)} of a core)`
  return bottleneck(generator)
}

/**
 * Why the throughput of these saturated windows is not the replicas'; `null` when it is: the machine was busy, mostly with
 * the cluster, and in it with the replicas.
 */
export function machineDoubt(shares: MachineShares | null): string | null {
  if (shares === null) return 'the system does not tell who used the machine, so the limit is not known'
  const away = othersDoubt(shares)
  if (away !== null) return away
  if (shares.idle > mostIdle)
    return `the machine was idle for ${percent(shares.idle)}: the load did not saturate it`
  const bigger = (['nginx', 'store', 'generator'] as const).filter((tier) => shares[tier] > shares.replica)
  const [limit] = bigger.toSorted((one, other) => shares[other] - shares[one])
  if (limit === undefined) return null
  const who = limit === 'generator' ? 'the load generator' : limit === 'store' ? 'the store' : limit
  return `${who} was the limit: ${percent(shares[limit])} of the machine, the replicas ${percent(shares.replica)}`
}

/**
 * Why the costs of a cluster are those of cold code; `null` when they were warm. Judged over the trials together: how code
 * gets warm is the same in each, and the noise of one trial's chunks is as large as the change that is looked for.
 * @param own of the cluster, one per trial @param control of the control in the same trials
 */
export function coldDoubt(own: readonly WarmUpRecord[], control: readonly WarmUpRecord[]): string | null {
  if (own.length === 0 || control.length === 0) return null
  const requests = Math.min(...own.map(({ requestsPerReplica }) => requestsPerReplica))
  const after = `after ${requests.toLocaleString('en-US')} requests per replica`
  const passes = Math.min(...[...own, ...control].map(({ costMicros }) => costMicros.length))
  const logs = (records: readonly WarmUpRecord[]) =>
    Array.from({ length: passes }, (_, at) =>
      mean(records.map(({ costMicros }) => Math.log(costMicros[at]!))),
    )
  const [mine, beside] = [logs(own), logs(control)]
  const { flat, change } = flatness(
    mine.map((log, at) => log - beside[at]!),
    mine.map(Math.exp),
    accepted,
  )
  if (flat) return null
  if (change === null) return `cold: too short a warm-up to tell, ${after}`
  return `not known to be warm: CPU per request still moved by ${percent(Math.abs(change))} ${after}`
}
