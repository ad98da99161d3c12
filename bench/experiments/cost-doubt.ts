/** What speaks against a cost: who else had the machine, and who was the limit; pure. */
import { bottleneck } from '../load/audit.ts'
import { type MachineShares, machineShares, othersDoubt, percent } from '../load/machine-shares.ts'
import type { CostWindow } from './cost-window.ts'

/** nginx has one worker, which cannot use more than one core; above this share of it, it is the limit. */
const busyNginx = 0.9
/** A closed loop that leaves more of the machine idle has not saturated it. */
const mostIdle = 0.3
/** In a single window, too short for the ticks in which the machine's time is counted: one in which the cluster stood still. */
const mostIdleInOne = 0.6

/** Why one saturated window says nothing; `null` when nothing speaks against it. */
export function windowDoubt(window: CostWindow): string | null {
  const { generator, failed, answered, cpuMicros, spanMs } = window
  if (failed > 0) return 'requests failed'
  if (answered === 0) return 'no request was answered'
  // A member that is frozen for a moment fails nothing: all connections wait for it, and the window is over before they give up.
  if ((machineShares([window])?.idle ?? 0) > mostIdleInOne)
    return 'the machine was idle most of the time: the load did not saturate it'
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
