/** How often the gate was right: of gates that were run, and of gates drawn from those; pure. */

import { mean } from '../../stats/mean.ts'
import { proportionInterval } from '../../stats/proportion.ts'
import { median } from '../../stats/quantile.ts'
import type { Random } from '../../stats/random.ts'
import { logRatio, type PairMetric } from '../gate-metrics.ts'
import type { PairRecord } from '../pair-record.ts'
import type { ProvenGate } from './proof-file.ts'
import { drawPairs, type Replay, type Replayed, replay, slowed } from './replay.ts'

/** Verdicts, counted. */
export interface Rate {
  readonly gates: number
  readonly worse: number
  readonly fine: number
  readonly undecided: number
  /** The share that was called worse, with its exact 95 % interval. */
  readonly low: number
  readonly high: number
  readonly pairsMean: number
}

/** Of gates that were run. */
export interface RealRate extends Rate {
  readonly scenario: string
  readonly wallMedianMs: number
  readonly wallMaxMs: number
  /** Of these same pairs, by today's rules. */
  readonly replayed: Rate
  /** What a request took more of the main threads, in microseconds and as a part; `null` where it cannot be told. */
  readonly added: { readonly micros: number; readonly part: number } | null
}

/**
 * @param gates of one scenario, at least one
 * @param mainThread the metric; `null` where the system does not tell
 */
export function rateOf(
  scenario: string,
  gates: readonly ProvenGate[],
  mainThread: PairMetric | null,
  replayed: Replayed,
): RealRate {
  const walls = gates.map(({ wallMs }) => wallMs)
  const again = gates.map(
    ({ pairs, verdict }): Replay => (pairs.length === 0 ? { verdict, pairs: 0 } : replay(pairs, replayed)),
  )
  return {
    scenario,
    ...counted(gates.map(({ verdict, pairs }) => ({ verdict, pairs: pairs.length }))),
    replayed: counted(again),
    wallMedianMs: median(walls),
    wallMaxMs: Math.max(...walls),
    added:
      mainThread === null
        ? null
        : addedBy(
            mainThread,
            gates.flatMap(({ pairs }) => pairs),
          ),
  }
}

function addedBy(metric: PairMetric, pairs: readonly PairRecord[]): RealRate['added'] {
  if (pairs.length === 0) return null
  return {
    micros: mean(pairs.map(({ base, head }) => metric.value(head)! - metric.value(base)!)),
    part: Math.expm1(mean(pairs.map((pair) => logRatio(metric, pair)))),
  }
}

function counted(gates: readonly Replay[]): Rate {
  const count = (verdict: Replay['verdict']) => gates.filter((gate) => gate.verdict === verdict).length
  const { low, high } = proportionInterval(count('worse'), gates.length, 0.95)
  return {
    gates: gates.length,
    worse: count('worse'),
    fine: count('fine'),
    undecided: count('undecided'),
    low,
    high,
    pairsMean: mean(gates.map(({ pairs }) => pairs)),
  }
}

/** A slow-down of which whole gates are drawn, and what has to come out. */
export interface Drawn {
  readonly name: string
  /** What the main threads of head take more, as a part: 0.025 for 2.5 %. */
  readonly slower: number
  readonly at: 'most' | 'least'
  readonly verdict: 'worse' | 'fine'
  readonly target: number
}

/** The tolerance of 2.5 % is where a verdict has to be hardest to get; either side of it stand what has to come out. */
export const drawn: readonly Drawn[] = [
  { name: 'base and head are the same', slower: 0, at: 'most', verdict: 'worse', target: 0.01 },
  { name: 'exactly on the tolerance: +2.5 %', slower: 0.025, at: 'most', verdict: 'worse', target: 0.01 },
  { name: 'just above it: +3.5 %', slower: 0.035, at: 'most', verdict: 'fine', target: 0.05 },
  { name: '+5 %', slower: 0.05, at: 'least', verdict: 'worse', target: 0.8 },
  { name: '+10 %', slower: 0.1, at: 'least', verdict: 'worse', target: 0.8 },
  { name: '+20 %', slower: 0.2, at: 'least', verdict: 'worse', target: 0.95 },
]

/**
 * @param unchanged the pairs of gates on an unchanged head, gate by gate, none empty
 * @param count how many gates are drawn
 */
export function drawRate(
  unchanged: readonly (readonly PairRecord[])[],
  slower: number,
  replayed: Replayed,
  count: number,
  random: Random,
): Rate {
  return counted(
    Array.from({ length: count }, () => {
      const pairs = drawPairs(unchanged, replayed.maxPairs, random)
      return replay(
        pairs.map((pair) => slowed(pair, slower)),
        replayed,
      )
    }),
  )
}
