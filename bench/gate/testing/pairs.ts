/** Pairs that were never measured, for tests of what is made of them. */
import type { LatencySummary } from '../../load/latencies.ts'
import type { PairRecord, SaturatedWindow, SideOfPair } from '../pair-record.ts'

/** One window at saturation, as a list of windows. */
export function saturatedWith(change: Partial<SaturatedWindow> = {}): SaturatedWindow[] {
  return [
    {
      answered: 1_000,
      failed: 0,
      elapsedMs: 100,
      cpuMicros: { replica: 300_000, nginx: 60_000, store: 30_000 },
      replicaMainThreadMicros: 250_000,
      ...change,
    },
  ]
}

export function sideWith(change: Partial<SideOfPair> = {}): SideOfPair {
  return {
    sent: 1_000,
    answered: 1_000,
    recognised: 1_000,
    answeredAsAnother: 0,
    latency: { count: 1_000, p50Ms: 2, p90Ms: 3, p95Ms: 4, p99Ms: 5, maxMs: 20 },
    storeCommands: 2_200,
    wire: { sent: 160_000, received: 270_000 },
    memoryBytesPerReplica: 100 * 2 ** 20,
    warmUp: { requestsPerReplica: 12_000, costMicros: [300], flat: true, change: 0 },
    saturated: saturatedWith(),
    ...change,
  }
}

/** What the audit says of a generator whose requests left this late. */
export function lagOf(ms: number): LatencySummary {
  return { count: 1_000, p50Ms: ms, p90Ms: ms, p95Ms: ms, p99Ms: ms, maxMs: ms }
}

export function pairWith(
  head: Partial<SideOfPair>,
  change: Partial<PairRecord> = {},
  base: Partial<SideOfPair> = {},
): PairRecord {
  return {
    strategy: 'redis',
    index: 0,
    order: 'base-first',
    base: sideWith(base),
    head: sideWith(head),
    generator: { cpuShare: 0.2, cpuMicros: 1, runDelayMicros: 0, eventLoopDelayP99Ms: 6, sendLag: lagOf(2) },
    timing: { startMs: 1_000, warmUpMs: 2_000, measureMs: 4_000, stopMs: 200 },
    ...change,
  }
}

/** A side whose replicas spend `factor` times the CPU time. */
export function dearer(factor: number): Partial<SideOfPair> {
  return {
    saturated: saturatedWith({
      cpuMicros: { replica: 300_000 * factor, nginx: 60_000, store: 30_000 },
      replicaMainThreadMicros: 250_000 * factor,
    }),
  }
}
