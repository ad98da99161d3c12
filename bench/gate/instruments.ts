/** What a gate measures with: real clusters of both sides. Apart from the gate itself, so that its course can be tested without. */

import type { Random } from '../stats/random.ts'
import { type Correctness, checkAlone, checkCorrectness, nothingCompared } from './correctness.ts'
import { measurePair, type PairSettings } from './pair.ts'
import type { PairRecord } from './pair-record.ts'
import type { StrategyPlan } from './plan-strategies.ts'
import { findStrategy, type Side, type SideUnderTest } from './side.ts'

export interface Instruments {
  /** What became of the logins of a strategy that both sides have. */
  checkLogins(planned: StrategyPlan): Promise<Correctness>
  /** Whether a strategy runs that only head has. */
  checkAlone(name: string): Promise<Correctness>
  /** @param index of the pair, from 0 for each strategy */
  measurePair(planned: StrategyPlan, index: number): Promise<PairRecord>
  /** Monotonic. */
  now(): number
}

/** @throws {SideError} from each of them, when a side does not run */
export function clusterInstruments(
  both: Readonly<Record<Side, SideUnderTest>>,
  options: {
    readonly settings: PairSettings
    /** Replicas of the clusters in which logins are checked. */
    readonly replicas: number
    readonly control: string
    readonly seed: number
  },
  random: Random,
  signal: AbortSignal,
): Instruments {
  const control = findStrategy(both.head, options.control)!
  const correctness = { replicas: options.replicas, control, seed: options.seed }
  return {
    checkLogins: async ({ name, strategy }) =>
      name === options.control ? nothingCompared : checkCorrectness(both, strategy, correctness, signal),
    checkAlone: (name) => checkAlone(both.head, findStrategy(both.head, name)!, correctness, signal),
    measurePair: ({ strategy, orders }, index) =>
      measurePair(
        both,
        { index, order: orders[index]!, strategy, control: options.control },
        options.settings,
        random,
        signal,
      ),
    now: () => performance.now(),
  }
}
