/** What speaks against a cost: who else had the machine, who was the limit, and whether the code was warm; pure. */
import { bottleneck } from '../load/audit.ts'
import type { WarmUpRecord } from '../load/warm-up.ts'
import type { CostWindow } from './cost-window.ts'

/** nginx has one worker, which cannot use more than one core; above this share of it, it is the limit. */
const busyNginx = 0.9
/** Beside other programs, or a host that takes its cores back, that had more of the machine than this. */
const mostOthers = 0.2
/** A closed loop that leaves more of the machine idle has not saturated it. */
const mostIdle = 0.3

/** Why one saturated window says nothing; `null` when nothing speaks against it. */
export function windowDoubt({ generator, failed, cpuMicros, spanMs }: CostWindow): string | null {
  if (failed > 0) return `${failed} requests failed`
  const nginxShare = (cpuMicros.nginx ?? 0) / 1000 / spanMs
  if (nginxShare > busyNginx) return `nginx was the limit (${percent(nginxShare)} of a core)`
  return bottleneck(generator)
}

/** Shares of the CPU time of the whole machine. */
export interface MachineShares {
  readonly replica: number
  readonly nginx: number
  readonly store: number
  readonly generator: number
  /** Everybody else on this machine, and the system's work that it puts down to nobody. */
  readonly others: number
  /** Taken by the host. */
  readonly steal: number
  readonly idle: number
  /** How long the generator was ready and had no core, as a share of the time. */
  readonly generatorRunDelay: number
}

/**
 * Who had the machine in these windows together: the system counts in ticks of 10 ms, too coarse for a single one.
 * @returns `null` where the system does not tell
 */
export function machineShares(windows: readonly CostWindow[]): MachineShares | null {
  const total = {
    replica: 0,
    nginx: 0,
    store: 0,
    generator: 0,
    busy: 0,
    steal: 0,
    delay: 0,
    span: 0,
    capacity: 0,
  }
  for (const { machine, cpuMicros, generator, spanMs } of windows) {
    const { replica, nginx, store } = cpuMicros
    const { runDelayMicros } = generator
    if (machine === null || replica === null || nginx === null || store === null || runDelayMicros === null)
      return null
    total.replica += replica
    total.nginx += nginx
    total.store += store
    total.generator += generator.cpuMicros
    total.delay += runDelayMicros
    total.busy += machine.busyMicros
    total.steal += machine.stealMicros
    total.span += spanMs * 1000
    total.capacity += machine.cores * spanMs * 1000
  }
  if (total.capacity === 0) return null
  const of = (micros: number) => micros / total.capacity
  const known = total.replica + total.nginx + total.store + total.generator
  return {
    replica: of(total.replica),
    nginx: of(total.nginx),
    store: of(total.store),
    generator: of(total.generator),
    others: of(Math.max(0, total.busy - known)),
    steal: of(total.steal),
    idle: of(Math.max(0, total.capacity - Math.max(total.busy, known) - total.steal)),
    generatorRunDelay: total.delay / total.span,
  }
}

/**
 * Why the throughput of these saturated windows is not the replicas'; `null` when it is: the machine was busy, mostly with
 * the cluster, and in it with the replicas.
 */
export function machineDoubt(shares: MachineShares | null): string | null {
  if (shares === null) return 'the system does not tell who used the machine, so the limit is not known'
  const away = shares.others + shares.steal
  if (away > mostOthers) return `other programs and the host had ${percent(away)} of the machine`
  if (shares.idle > mostIdle)
    return `the machine was idle for ${percent(shares.idle)}: the load did not saturate it`
  const bigger = (['nginx', 'store', 'generator'] as const).filter((tier) => shares[tier] > shares.replica)
  const [limit] = bigger.toSorted((one, other) => shares[other] - shares[one])
  if (limit === undefined) return null
  const who = limit === 'generator' ? 'the load generator' : limit === 'store' ? 'the store' : limit
  return `${who} was the limit: ${percent(shares[limit])} of the machine, the replicas ${percent(shares.replica)}`
}

/** Why a cost is one of cold code, over the trials of a cluster; `null` when it was warm in all of them. */
export function coldDoubt(trials: readonly WarmUpRecord[]): string | null {
  const cold = trials.filter(({ flat }) => !flat)
  if (cold.length === 0) return null
  const requests = Math.round(Math.max(...cold.map(({ requestsPerReplica }) => requestsPerReplica)))
  const changes = cold.flatMap(({ change }) => (change === null ? [] : [Math.abs(change)]))
  const where = trials.length === 1 ? '' : ` in ${cold.length} of ${trials.length} trials`
  const after = `after ${requests.toLocaleString('en-US')} requests per replica${where}`
  if (changes.length < cold.length) return `cold: too short a warm-up to tell, ${after}`
  return `not known to be warm: CPU per request still moved by ${percent(Math.max(...changes))} ${after}`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
