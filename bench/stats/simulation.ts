/** Gates on simulated noise: how often each verdict comes, and after how many pairs. */

import { decide } from './gate-decision.ts'
import { DEFAULT_TOLERANCE, type GatePlan, LEAST_SPREAD, planGate } from './gate-plan.ts'
import type { Random } from './random.ts'

/** The error of one log ratio head / base in one fresh pair; 0.01 is about 1 %. */
export type Noise = (random: Random) => number

/** A standard normal number (Box & Muller, Annals of Mathematical Statistics 29(2), 1958). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}

const coin = (random: Random) => (random.next() < 0.5 ? 1 : -1)

/** Student's t with 3 degrees of freedom, scaled to a standard deviation of 1: wild values are common. */
function heavyTailed(random: Random): number {
  const chiSquare = normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2
  return normal(random) / Math.sqrt(chiSquare)
}

/** A pair in 33 is off by 14 %. */
const outlier = (random: Random) => (random.next() < 0.03 ? 0.14 : 0)

/** What was seen between paced pairs (docs/measurements.md), and worse. Each is symmetric about 0 but the last, which breaks the only assumption. */
export const NOISES: Readonly<Record<string, Noise>> = {
  'seen, replica: normal 1.8 %, position ±1.2 %': (random) => 0.018 * normal(random) + 0.012 * coin(random),
  'seen, nginx: normal 1.3 %, position ±0.9 %': (random) => 0.013 * normal(random) + 0.009 * coin(random),
  'louder: normal 3 %': (random) => 0.03 * normal(random),
  'heavy tails: t3, sd 2.2 %': (random) => 0.022 * heavyTailed(random),
  'two-valued: ±1.2 %, normal 0.3 %': (random) => 0.003 * normal(random) + 0.012 * coin(random),
  'two-valued: ±5 %, normal 0.3 %': (random) => 0.003 * normal(random) + 0.05 * coin(random),
  'outliers: normal 1.8 %, 3 % of pairs ±14 %': (random) =>
    0.018 * normal(random) + coin(random) * outlier(random),
  'one-sided outliers: normal 1.8 %, 3 % of pairs +14 %': (random) =>
    0.018 * normal(random) + outlier(random),
}

/** A plan over so many metrics at one tolerance. */
export function simulatedPlan(
  count: number,
  tolerance: number,
  maxPairs: number,
  leastSpread = LEAST_SPREAD,
): GatePlan {
  return planGate({
    metrics: Array.from({ length: count }, (_, i) => ({ name: `m${i}`, tolerance, leastSpread })),
    maxPairs,
  })
}

/** Six metrics, such as CPU time of three tiers, two latencies and bytes; up to 28 pairs. */
export const SIMULATED_PLAN: GatePlan = simulatedPlan(6, DEFAULT_TOLERANCE, 28)

/** Counts over simulated gates. */
export interface SimulatedGates {
  readonly gates: number
  readonly worse: number
  readonly fine: number
  readonly undecided: number
  /** Pairs that each gate used, in rising order. */
  readonly pairs: readonly number[]
}

/**
 * Runs gates whose metrics have independent noise, the hardest case for looking at several.
 * @param changes the true head / base of each metric in the plan's order; 1 where there are fewer
 * @param gates how many
 */
export function simulateGates(
  plan: GatePlan,
  noise: Noise,
  changes: readonly number[],
  gates: number,
  random: Random,
): SimulatedGates {
  const counts = { worse: 0, fine: 0, undecided: 0 }
  const pairs: number[] = []
  const maxPairs = plan.looks.at(-1)?.pairs ?? 0
  for (let gate = 0; gate < gates; gate++) {
    const logRatios = Object.fromEntries(
      plan.metrics.map(({ name }, i) => {
        const truth = Math.log(changes[i] ?? 1)
        return [name, Array.from({ length: maxPairs }, () => truth + noise(random))]
      }),
    )
    const decision = decide(logRatios, plan)
    counts[decision.verdict]++
    pairs.push(Math.max(...Object.values(decision.metrics).map((metric) => metric.pairs)))
  }
  return { gates, ...counts, pairs: pairs.sort((a, b) => a - b) }
}
