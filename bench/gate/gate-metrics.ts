/** The metrics of a gate: what of a pair is compared, which way is worse, and how much of a change is accepted. */
import type { PairRecord, SideOfPair } from './pair-record.ts'

export interface PairMetric {
  readonly name: string
  readonly unit: 'µs' | 'ms' | 'bytes' | '1/s' | 'share' | 'count'
  readonly worse: 'higher' | 'lower'
  /**
   * The least tolerance this metric is held to, whatever is asked for: what varies more between pairs would never be
   * settled below it. Where it is below `DEFAULT_TOLERANCE`, a smaller --tolerance reaches down to it.
   */
  readonly leastTolerance: number
  /** A side's value; `null` where the system does not tell. */
  value(side: SideOfPair): number | null
}

/** For what is counted, and repeats from pair to pair to within some tenths of a per cent. */
const exact = 0.005

/** Which metrics make sense for one strategy on one machine. */
export interface MetricChoice {
  /** Whether both sides have a store. */
  readonly store: boolean
  readonly saturation: boolean
  /** Whether the system accounts CPU time and memory by process (Linux does). */
  readonly accounting: boolean
}

/**
 * The thread that runs the JavaScript of the replica, and so what a change of it costs. When the compiler and the
 * garbage collector work, on threads of their own, is chance, and so the whole process varies more between pairs
 * (docs/gate.md has the figures); it is compared with a wider tolerance.
 */
const mainThread: PairMetric = {
  name: 'cpuMicrosPerRequest.replicaMainThread',
  unit: 'µs',
  worse: 'higher',
  leastTolerance: 0.01,
  value: ({ replicaMainThreadMicros, sent }) => perRequest(replicaMainThreadMicros, sent),
}

const cpu = (tier: 'replica' | 'nginx' | 'store', leastTolerance: number): PairMetric => ({
  name: `cpuMicrosPerRequest.${tier}`,
  unit: 'µs',
  worse: 'higher',
  leastTolerance,
  value: ({ cpuMicros, sent }) => perRequest(cpuMicros[tier], sent),
})

const memory: PairMetric = {
  name: 'memoryBytesPerReplica',
  unit: 'bytes',
  worse: 'higher',
  // When the garbage collector last ran is chance, and resident memory shows it: 1 to 2 % between pairs.
  leastTolerance: 0.05,
  value: ({ memoryBytesPerReplica }) => memoryBytesPerReplica,
}

/** A round trip more shows here exactly; in the store's CPU time it drowns, since most of that is for waking up. */
const storeCommands: PairMetric = {
  name: 'storeCommandsPerRequest',
  unit: 'count',
  worse: 'higher',
  leastTolerance: exact,
  // Half a command more, so that a side that never asks its store has a logarithm.
  value: ({ storeCommands, sent }) => perRequest(storeCommands === null ? null : storeCommands + 0.5, sent),
}

const always: readonly PairMetric[] = [
  {
    name: 'latencyP50Ms',
    unit: 'ms',
    worse: 'higher',
    leastTolerance: 0.1,
    value: ({ latency }) => latency.p50Ms,
  },
  {
    name: 'latencyP99Ms',
    unit: 'ms',
    worse: 'higher',
    // The few slowest of some thousand requests are mostly the machine's doing.
    leastTolerance: 0.5,
    value: ({ latency }) => latency.p99Ms,
  },
  {
    name: 'wireBytesPerRequest.sent',
    unit: 'bytes',
    worse: 'higher',
    leastTolerance: exact,
    value: ({ wire, sent }) => perRequest(wire.sent, sent),
  },
  {
    name: 'wireBytesPerRequest.received',
    unit: 'bytes',
    worse: 'higher',
    leastTolerance: exact,
    value: ({ wire, sent }) => perRequest(wire.received, sent),
  },
  {
    name: 'answeredShare',
    unit: 'share',
    worse: 'lower',
    leastTolerance: exact,
    // Half an answer more, so that a side that answers nothing has a logarithm.
    value: ({ answered, sent }) => (answered + 0.5) / (sent + 0.5),
  },
]

const throughput: PairMetric = {
  name: 'requestsPerSecond',
  unit: '1/s',
  worse: 'lower',
  // Windows one after the other catch the machine in different moods (FACTS: 10 to 25 % for windows of 2 s).
  leastTolerance: 0.1,
  value: ({ saturated }) =>
    saturated === null || saturated.elapsedMs === 0
      ? null
      : (1000 * (saturated.answered + 0.5)) / saturated.elapsedMs,
}

/**
 * The metrics to compare, fixed before the first pair is measured. No sum of the tiers: each metric costs certainty, and
 * a sum finds nothing that its parts do not.
 */
export function metricsFor({ store, saturation, accounting }: MetricChoice): readonly PairMetric[] {
  return [
    ...(accounting
      ? [mainThread, cpu('replica', 0.05), cpu('nginx', 0.05), ...(store ? [cpu('store', 0.1)] : []), memory]
      : []),
    ...(store ? [storeCommands] : []),
    ...always,
    ...(saturation ? [throughput] : []),
  ]
}

/**
 * ln(head / base) of one pair.
 * @throws {RangeError} when a side has no value, or one that has no logarithm: such a pair says nothing
 */
export function logRatio(metric: PairMetric, pair: PairRecord): number {
  const [base, head] = [metric.value(pair.base), metric.value(pair.head)]
  if (base === null || head === null || !(base > 0) || !(head > 0)) {
    throw new RangeError(
      `${pair.strategy}: ${metric.name} could not be measured in pair ${pair.index + 1} (base ${base}, head ${head})`,
    )
  }
  return Math.log(head / base)
}

function perRequest(total: number | null, requests: number): number | null {
  return total === null || requests === 0 ? null : total / requests
}
