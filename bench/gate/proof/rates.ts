/** How often the gate was right, from gates that were run and from gates simulated with their noise; pure. */
import { decide } from '../../stats/gate-decision.ts'
import { type GatePlan, planGate } from '../../stats/gate-plan.ts'
import { mean } from '../../stats/mean.ts'
import { proportionInterval } from '../../stats/proportion.ts'
import { median } from '../../stats/quantile.ts'
import type { Random } from '../../stats/random.ts'
import { logRatio, type PairMetric } from '../gate-metrics.ts'
import type { PairRecord, SideOfPair } from '../pair-record.ts'
import type { ProvenGate } from './proof-file.ts'

export interface Rate {
  readonly scenario: string
  readonly gates: number
  readonly worse: number
  readonly fine: number
  readonly undecided: number
  /** The share that was called worse, with its exact 95 % interval. */
  readonly low: number
  readonly high: number
  readonly pairsMean: number
  readonly wallMedianMs: number | null
  readonly wallMaxMs: number | null
  /** Mean change of the replica's CPU time per request over all pairs; `null` without pairs. */
  readonly replicaChange: number | null
}

const replica = 'cpuMicrosPerRequest.replica'
const mainThread = 'cpuMicrosPerRequest.replicaMainThread'

/** @param gates of one scenario, at least one */
export function rateOf(scenario: string, gates: readonly ProvenGate[], metrics: readonly PairMetric[]): Rate {
  const metric = metrics.find(({ name }) => name === replica)
  const ratios =
    metric === undefined ? [] : gates.flatMap(({ pairs }) => pairs.map((pair) => logRatio(metric, pair)))
  const walls = gates.map(({ wallMs }) => wallMs)
  return {
    ...counted(scenario, gates),
    pairsMean: mean(gates.map(({ pairs }) => pairs.length)),
    wallMedianMs: median(walls),
    wallMaxMs: Math.max(...walls),
    replicaChange: ratios.length === 0 ? null : Math.expm1(mean(ratios)),
  }
}

function counted(scenario: string, gates: readonly Pick<ProvenGate, 'verdict'>[]) {
  const count = (verdict: ProvenGate['verdict']) => gates.filter((gate) => gate.verdict === verdict).length
  const { low, high } = proportionInterval(count('worse'), gates.length, 0.95)
  return {
    scenario,
    gates: gates.length,
    worse: count('worse'),
    fine: count('fine'),
    undecided: count('undecided'),
    low,
    high,
  }
}

/** What a simulated gate is made of. */
export interface Simulation {
  readonly scenario: string
  readonly gates: number
  readonly maxPairs: number
  readonly tolerance: number
  /** The part of the replica's CPU time per request that is added. */
  readonly cpu: number
}

/**
 * Gates on pairs drawn with replacement from those that were measured of an unchanged head, all metrics of a pair
 * together, each turned over or not by a coin: base and head were the same, so either could have been called head.
 * @param noise pairs of an unchanged head, at least one
 */
export function simulateRate(
  { scenario, gates, maxPairs, tolerance, cpu }: Simulation,
  noise: readonly PairRecord[],
  metrics: readonly PairMetric[],
  random: Random,
): Rate {
  const plan = planGate({
    metrics: metrics.map(({ name, worse, leastTolerance }) => ({
      name,
      worse,
      tolerance: Math.max(tolerance, leastTolerance),
    })),
    maxPairs,
  })
  const rows = noise.map((pair) => metrics.map((metric) => logRatio(metric, pair)))
  const shifts = metrics.map(({ name }) => shiftOf(name, cpu, noise))
  const decided = Array.from({ length: gates }, () => simulate(plan, rows, shifts, random))
  return {
    ...counted(scenario, decided),
    pairsMean: mean(decided.map(({ pairs }) => pairs)),
    wallMedianMs: null,
    wallMaxMs: null,
    replicaChange: cpu,
  }
}

function simulate(plan: GatePlan, rows: readonly number[][], shifts: readonly number[], random: Random) {
  const seen: Record<string, number[]> = Object.fromEntries(plan.metrics.map(({ name }) => [name, []]))
  for (let pairs = 1; ; pairs += 1) {
    const row = rows[random.int(rows.length)]!
    const sign = random.int(2) === 0 ? 1 : -1
    plan.metrics.forEach(({ name }, at) => {
      seen[name]!.push(sign * row[at]! + shifts[at]!)
    })
    const decision = decide(seen, plan)
    if (decision.stop) return { verdict: decision.verdict, pairs }
  }
}

/** What the added work does to the logarithm of a metric. */
function shiftOf(name: string, cpu: number, noise: readonly PairRecord[]): number {
  if (name === replica) return Math.log1p(cpu)
  if (name === mainThread)
    return Math.log1p(cpu / meanPart(noise, ({ replicaMainThreadMicros }) => replicaMainThreadMicros))
  return 0
}

/** The mean of another CPU time as a multiple of the replica's. */
function meanPart(noise: readonly PairRecord[], of: (side: SideOfPair) => number | null): number {
  return mean(noise.map(({ base }) => (of(base) ?? 0) / (base.cpuMicros.replica ?? Number.NaN)))
}
