/** The runs, clusters and moments that faults are drawn from: short, and with known counts. Pure. */

import { experiments } from '../../bench/experiments/index.ts'
import { planTrials } from '../../bench/run.ts'
import type { Random } from '../../bench/stats/random.ts'
import { control, strategies } from '../../servers/strategies/index.ts'
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'

/** A run to be disturbed. */
export interface Subject {
  /** Of the command line. */
  readonly args: readonly string[]
  /** Roughly how long it takes undisturbed. */
  readonly expectedMs: number
}

/** What there is to choose from. */
export interface Choice {
  /** Only strategies that keep sessions in a store. */
  readonly withStore?: boolean
  /** Always the shortest one there is. */
  readonly shortest?: boolean
}

const replicas = 3

/** One value of several. */
export function oneOf<T>(random: Random, values: readonly T[]): T {
  const value = values[random.int(values.length)]
  if (value === undefined) throw new RangeError('nothing to choose from')
  return value
}

/** Mostly logins that move between replicas, with up to three strategies; now and then survival, which takes longer, with one. */
export function someRun(
  random: Random,
  out: string,
  { withStore = false, shortest = false }: Choice = {},
): Subject {
  const candidates = strategies.filter(({ needs }) => !withStore || needs.length > 0)
  const isSurvival = !shortest && random.int(4) === 0
  const most = isSurvival || shortest ? 1 : Math.min(3, candidates.length)
  const chosen = random.shuffle(candidates).slice(0, 1 + random.int(most))
  const experiment = isSurvival ? 'restart-survival' : 'login-persistence'
  return runOf(chosen, experiment, random.int(2 ** 32), out)
}

/** A run that is not over before it has to be noticed that it went on. */
export function longRun(random: Random, out: string): readonly string[] {
  return [
    ...['run', '--preset', 'thorough', '--driver', 'local', '--experiments', 'restart-survival'],
    ...['--strategies', oneOf(random, strategies).name, '--replicas', String(replicas), '--out', out],
  ]
}

function runOf(chosen: readonly StrategyInfo[], experiment: string, seed: number, out: string): Subject {
  const plan = { strategies: chosen, control, replicas, preset: 'quick' as const }
  const trials = planTrials({ plan, experiments: experiments.filter(({ name }) => name === experiment) })
  return {
    args: [
      ...['run', '--preset', 'quick', '--driver', 'local', '--experiments', experiment],
      ...['--strategies', chosen.map(({ name }) => name).join(','), '--replicas', String(replicas)],
      ...['--seed', String(seed), '--out', out],
    ],
    // Two cores bear a few trials at a time.
    expectedMs:
      startMs +
      Math.max(...trials.map(({ spec }) => spec.expectedMs / Math.min(spec.sideBySide, trials.length))),
  }
}

/** From the command to the first of its processes. */
const startMs = 500

/** A run whose folder is to be damaged: both experiments about logins, on what has a store and what has none. */
export function runToDamage(out: string): readonly string[] {
  return [
    ...['run', '--preset', 'quick', '--driver', 'local', '--strategies', 'memory,redis'],
    ...['--experiments', 'login-persistence,restart-survival'],
    ...['--replicas', String(replicas), '--seed', '1', '--out', out],
  ]
}

export function someCluster(random: Random, { withStore = false }: Choice = {}): readonly string[] {
  const candidates = strategies.filter(({ needs }) => !withStore || needs.length > 0)
  const count = String(1 + random.int(replicas))
  return ['cluster', '--driver', 'local', '--strategy', oneOf(random, candidates).name, '--replicas', count]
}

/** A moment in what takes `expectedMs`; one in three falls into the first second, when things are only being set up. */
export function someMoment(random: Random, expectedMs: number): number {
  return random.int(3) === 0 ? random.next() * 1_000 : random.next() * expectedMs
}

/** `1.23 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}
