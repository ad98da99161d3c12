/** How often simulated comparisons of equal strategies err, and how wide they are: by the method used and by those it was chosen over. */

import { mean, standardDeviation } from './mean.ts'
import { comparePairs } from './pairwise.ts'
import type { Random } from './random.ts'
import { normal } from './simulation.ts'
import { studentQuantile } from './student.ts'
import { studentizedRangeQuantile } from './studentized-range.ts'

/** Log ratios of strategies that do not differ, in trials: the truth of every pair is 0. */
type Trials = readonly (readonly number[])[]

/** Half the width, on the logarithm, that a method gives each pair; pairs as in `pairsOf`. */
type Method = (trials: Trials) => readonly number[]

/** Standard deviation of each strategy's log ratio between trials, in any unit. */
export type Spreads = readonly number[]

/** Who is how noisy. Tukey's assumption first, then what breaks it. */
export const SPREADS: Readonly<Record<string, (strategies: number) => Spreads>> = {
  'all alike': (k) => spreads(k, []),
  'one 2× as noisy': (k) => spreads(k, [2]),
  'one 3× as noisy': (k) => spreads(k, [3]),
  'two 3× as noisy': (k) => spreads(k, [3, 3]),
  'one ⅓ as noisy': (k) => spreads(k, [1 / 3]),
  'evenly from 1× to 3×': (k) => Array.from({ length: k }, (_, i) => 1 + (2 * i) / (k - 1)),
}

const spreads = (k: number, others: readonly number[]) => [
  ...others,
  ...new Array<number>(k - others.length).fill(1),
]

/** The noise of one strategy in one trial, of standard deviation 1. */
export const NOISE_BETWEEN_TRIALS: Readonly<Record<string, (random: Random) => number>> = {
  normal,
  // Student's t with 3 degrees of freedom, scaled.
  'heavy tails': (random) =>
    normal(random) / Math.sqrt(normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2),
  'two-valued': (random) => (random.next() < 0.5 ? 1 : -1),
}

/** Methods by name; the one that `comparePairs` uses comes last. */
export const METHODS = {
  Tukey: (trials) => {
    const own = pairsOf(trials).map((values) => standardDeviation(values) ** 2)
    const [n, k] = [trials.length, trials[0]?.length as number]
    const q = studentizedRangeQuantile(0.95, k, (k - 1) * (n - 1))
    return own.map(() => q * Math.sqrt(mean(own) / 2 / n))
  },
  'Student, Bonferroni': (trials) => {
    const pairs = pairsOf(trials)
    const t = studentQuantile(1 - 0.025 / pairs.length, trials.length - 1)
    return pairs.map((values) => (t * standardDeviation(values)) / Math.sqrt(values.length))
  },
  comparePairs: (trials) => {
    const byName = Object.fromEntries(
      (trials[0] ?? []).map((_, strategy) => [
        `s${strategy}`,
        trials.map((trial) => trial[strategy] as number),
      ]),
    )
    return comparePairs(byName, 0.95).map(({ low, high }) => Math.log((high as number) / (low as number)) / 2)
  },
} satisfies Readonly<Record<string, Method>>

/** Outcomes of a method over simulated runs. */
export interface SimulatedComparisons {
  /** Runs in which at least one of the pairs was told apart. */
  readonly erred: number
  /** Mean over pairs and runs of half the width, in the unit of the spreads. */
  readonly halfWidth: number
}

/** @param runs how many, each of so many trials */
export function simulateComparisons(
  method: Method,
  spreads: Spreads,
  trials: number,
  runs: number,
  random: Random,
  noise: (random: Random) => number = normal,
): SimulatedComparisons {
  let erred = 0
  const widths: number[] = []
  for (let run = 0; run < runs; run++) {
    const measured = Array.from({ length: trials }, () => spreads.map((spread) => spread * noise(random)))
    const halves = method(measured)
    if (pairsOf(measured).some((values, pair) => Math.abs(mean(values)) > (halves[pair] as number))) erred++
    widths.push(mean(halves))
  }
  return { erred, halfWidth: mean(widths) }
}

/** The differences of each two strategies over the trials. */
function pairsOf(trials: Trials): number[][] {
  const names = trials[0] ?? []
  return names.flatMap((_, first) =>
    names
      .slice(first + 1)
      .map((_, i) => trials.map((trial) => (trial[first] as number) - (trial[first + 1 + i] as number))),
  )
}
