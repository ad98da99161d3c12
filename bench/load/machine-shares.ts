/** Who had the CPU time of the machine: the cluster by tier, the generator, other programs or the host; pure. */
import type { CpuByTier } from '../cluster/usage.ts'
import type { GeneratorAudit } from './audit.ts'
import type { MachineCpu } from './machine-cpu.ts'

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

/** What was used in one stretch of time. */
export interface MachineUse {
  readonly spanMs: number
  readonly cpuMicros: CpuByTier
  /** `null` where the system does not tell. */
  readonly machine: MachineCpu | null
  readonly generator: GeneratorAudit
}

/**
 * Who had the machine in these windows together: the system counts in ticks of 10 ms, too coarse for a single short one.
 * @returns `null` where the system does not tell
 */
export function machineShares(windows: readonly MachineUse[]): MachineShares | null {
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
    // Several of its threads can wait at once.
    generatorRunDelay: Math.min(1, total.delay / total.span),
  }
}

/** Beside other programs, or a host that takes its cores back, that had more of the machine than this. */
const mostOthers = 0.2

/** That the machine was not the benchmark's own; `null` when it was. */
export function othersDoubt({ others, steal }: MachineShares): string | null {
  const away = others + steal
  return away > mostOthers ? `other programs and the host had ${percent(away)} of the machine` : null
}

/** `12 %` */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
