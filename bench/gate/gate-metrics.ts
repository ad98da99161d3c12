/** The metrics of a gate: what of a pair is compared, which way is worse, and how much of a change is accepted. */
import { LEAST_SPREAD } from '../stats/gate-plan.ts'
import type { PairRecord, SaturatedWindow, SideOfPair } from './pair-record.ts'

export interface PairMetric {
  readonly name: string
  readonly unit: 'µs' | 'ms' | 'bytes' | '1/s' | 'share' | 'count'
  readonly worse: 'higher' | 'lower'
  /** The change that is accepted. @param asked by --tolerance, 0.025 for 2.5 % */
  accepted(asked: number): number
  /**
   * The least standard deviation between pairs that Student's bound believes in (bench/stats/README.md): about what the
   * metric varied by between pairs of an unchanged head (docs/gate.md).
   */
  readonly leastSpread: number
  /** A side's value; `null` where the system does not tell. */
  value(side: SideOfPair): number | null
}

/**
 * As --tolerance says, but no less than this: what varies more between pairs would never be settled below it. Where it is
 * below the default, a smaller --tolerance reaches down to it.
 */
const atLeast = (least: number) => (asked: number) => Math.max(asked, least)

/** For what is counted, and repeats from pair to pair to within some tenths of a per cent. */
const exact = 0.005

/**
 * The thread that runs the JavaScript of the replica, and so what a change of it costs. When the compiler and the
 * garbage collector work, on threads of their own, is chance, and so the whole process varies more between pairs
 * (docs/gate.md has the figures); it is compared with a wider tolerance.
 */
const mainThread: PairMetric = {
  name: 'cpuMicrosPerRequest.replicaMainThread',
  unit: 'µs',
  worse: 'higher',
  accepted: atLeast(0.01),
  leastSpread: LEAST_SPREAD,
  value: (side) => perSaturatedRequest(side, (window) => window.replicaMainThreadMicros),
}

const cpu = (tier: 'replica' | 'nginx' | 'store', least: number): PairMetric => ({
  name: `cpuMicrosPerRequest.${tier}`,
  unit: 'µs',
  worse: 'higher',
  accepted: atLeast(least),
  leastSpread: LEAST_SPREAD,
  value: (side) => perSaturatedRequest(side, ({ cpuMicros }) => cpuMicros[tier]),
})

/**
 * All tiers together, for what has moved from one to another: a strategy that needs other services than it did. Otherwise
 * left out: each metric costs certainty, and a sum finds nothing that its parts do not.
 */
const total: PairMetric = {
  name: 'cpuMicrosPerRequest.total',
  unit: 'µs',
  worse: 'higher',
  accepted: atLeast(0.05),
  leastSpread: LEAST_SPREAD,
  value: (side) =>
    perSaturatedRequest(side, ({ cpuMicros: { replica, nginx, store } }) =>
      replica === null || nginx === null || store === null ? null : replica + nginx + store,
    ),
}

const memory: PairMetric = {
  name: 'memoryBytesPerReplica',
  unit: 'bytes',
  worse: 'higher',
  // When the garbage collector last ran is chance, and resident memory shows it.
  accepted: atLeast(0.05),
  leastSpread: 0.01,
  value: ({ memoryBytesPerReplica }) => memoryBytesPerReplica,
}

/** A round trip more shows here exactly; in the store's CPU time, which varies more between pairs, it may drown. */
const storeCommands: PairMetric = {
  name: 'storeCommandsPerRequest',
  unit: 'count',
  worse: 'higher',
  accepted: atLeast(exact),
  leastSpread: exact,
  value: ({ storeCommands: commands, sent }) => perRequest(commands, sent),
}

const latency = (
  name: string,
  quantile: 'p50Ms' | 'p99Ms',
  least: number,
  leastSpread: number,
): PairMetric => ({
  name,
  unit: 'ms',
  worse: 'higher',
  accepted: atLeast(least),
  leastSpread,
  value: (side) => side.latency[quantile],
})

const wireBytes = (direction: 'sent' | 'received'): PairMetric => ({
  name: `wireBytesPerRequest.${direction}`,
  unit: 'bytes',
  worse: 'higher',
  accepted: atLeast(exact),
  leastSpread: exact,
  value: ({ wire, sent }) => perRequest(wire[direction], sent),
})

/**
 * Whether users are answered, and known, under load: nothing that --tolerance, a trade of costs, could be asked to accept.
 * Of a server error the first tells, of a 401 only the second.
 */
const share = (name: string, of: 'answered' | 'recognised', accepted = exact): PairMetric => ({
  name,
  unit: 'share',
  worse: 'lower',
  accepted: () => accepted,
  // Where nothing is lost it repeats exactly.
  leastSpread: accepted / 4,
  // Half an answer more, so that a side that answers nothing has a logarithm.
  value: (side) => (side[of] + 0.5) / (side.sent + 0.5),
})

/** Of a strategy that forgets logins by chance, such as memory behind round robin, which of them it meets varies. */
const acceptedOfChance = 0.1

/** What is known of a strategy before its pairs are compared. */
export interface Compared {
  /** Whether both sides need the same services; otherwise what they cost altogether is compared, too. */
  readonly sameNeeds: boolean
  /** Whether base itself forgets many of its users under load. */
  readonly forgets: boolean
}

function candidates({ sameNeeds, forgets }: Compared): readonly PairMetric[] {
  return [
    mainThread,
    cpu('replica', 0.05),
    cpu('nginx', 0.05),
    cpu('store', 0.1),
    ...(sameNeeds ? [] : [total]),
    memory,
    storeCommands,
    latency('latencyP50Ms', 'p50Ms', 0.1, 0.03),
    // The few slowest of some hundred requests are mostly the machine's doing.
    latency('latencyP99Ms', 'p99Ms', 0.5, 0.2),
    wireBytes('sent'),
    wireBytes('received'),
    share('answeredShare', 'answered'),
    share('recognisedShare', 'recognised', forgets ? acceptedOfChance : exact),
  ]
}

/** The most that are ever compared of one strategy. */
export const mostMetrics = candidates({ sameNeeds: false, forgets: false }).length

/**
 * The metrics to compare: those that both sides of the first pair have a value of. What its clusters could not tell (CPU
 * time where the system does not account it, commands of a store that does not count them), and what only one side has,
 * such as a store, has no ratio in any other pair either.
 */
export function metricsOf(first: PairRecord, compared: Compared): readonly PairMetric[] {
  return candidates(compared).filter(({ value }) =>
    [first.base, first.head].every((side) => (value(side) ?? 0) > 0),
  )
}

/** Whether a side forgot more of its users than can be put down to mishaps. */
export function forgetsMany({ recognised, sent }: SideOfPair): boolean {
  return recognised < 0.9 * sent
}

/** Whether the generator's own delays show in a metric. */
export function isTimed(name: string): boolean {
  return candidates({ sameNeeds: false, forgets: false }).some(
    (metric) => metric.name === name && metric.unit === 'ms',
  )
}

/**
 * ln(head / base) of one pair.
 * @throws {RangeError} when a side has no value, or one that has no logarithm, although the first pair had one
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

/** Over all windows at saturation; `null` when one of them does not tell. */
function perSaturatedRequest(
  { saturated }: SideOfPair,
  micros: (window: SaturatedWindow) => number | null,
): number | null {
  const all = saturated.map(micros)
  if (all.some((value) => value === null)) return null
  return perRequest(
    (all as number[]).reduce((total, value) => total + value, 0),
    sum(saturated, ({ answered, failed }) => answered + failed),
  )
}

function sum(windows: readonly SaturatedWindow[], of: (window: SaturatedWindow) => number): number {
  return windows.reduce((total, window) => total + of(window), 0)
}
