/** What a gate says of pairs that were measured before, by today's rules; pure. */
import type { StrategyInfo } from '../../../servers/strategies/strategy.ts'
import type { GateVerdict } from '../../stats/gate-decision.ts'
import { decide } from '../../stats/gate-decision.ts'
import type { Random } from '../../stats/random.ts'
import { logRatiosOf, planPairs } from '../judge-pairs.ts'
import { wrongUnderLoad } from '../kept-under-load.ts'
import type { PairRecord } from '../pair-record.ts'

/** A gate of which only the pairs are missing. */
export interface Replayed {
  readonly strategy: StrategyInfo
  readonly tolerance: number
  readonly maxPairs: number
}

/** What came of it. */
export interface Replay {
  readonly verdict: GateVerdict
  /** After how many pairs it ended. */
  readonly pairs: number
}

const alpha = 0.01

/**
 * @param pairs in the order in which they come, at least one; those after the end change nothing. With fewer than
 *   `maxPairs` the gate ends with them, as it does when time is up.
 */
export function replay(pairs: readonly PairRecord[], { strategy, tolerance, maxPairs }: Replayed): Replay {
  const both = { base: strategy, head: strategy }
  const { metrics, plan } = planPairs({ strategy: both, tolerance, maxPairs, alpha }, pairs[0]!)
  const decision = decide(logRatiosOf(metrics, pairs), plan, { last: pairs.length < maxPairs })
  const used = Math.max(...Object.values(decision.metrics).map((metric) => metric.pairs))
  const lost = pairs.findIndex((_, at) => wrongUnderLoad(pairs.slice(0, at + 1)) !== null)
  return lost !== -1 && lost < used
    ? { verdict: 'worse', pairs: lost + 1 }
    : { verdict: decision.verdict, pairs: used }
}

/**
 * As many pairs as a gate may need, from whole gates on an unchanged head, drawn with replacement and one after the other:
 * the pairs of a gate shared an hour of the machine and stay together, in their order (a block bootstrap; Künsch, The
 * Annals of Statistics 17(3), 1989). A coin for each gate turns all of it over: base and head were the same, so either
 * could have been called head.
 * @param gates each of at least one pair
 */
export function drawPairs(
  gates: readonly (readonly PairRecord[])[],
  count: number,
  random: Random,
): PairRecord[] {
  const pairs: PairRecord[] = []
  while (pairs.length < count) {
    const gate = gates[random.int(gates.length)]!
    pairs.push(...(random.int(2) === 0 ? gate : gate.map(turned)))
  }
  return pairs.slice(0, count)
}

const turned = (pair: PairRecord): PairRecord => ({ ...pair, base: pair.head, head: pair.base })

/** The pair as it would have been, had the main threads of head taken this part more, 0.05 for 5 %. */
export function slowed(pair: PairRecord, part: number): PairRecord {
  const saturated = pair.head.saturated.map((window) => {
    const { replicaMainThreadMicros: main, cpuMicros } = window
    const more = part * (main ?? 0)
    const add = (micros: number | null) => (micros === null ? null : micros + more)
    return {
      ...window,
      replicaMainThreadMicros: add(main),
      cpuMicros: { ...cpuMicros, replica: add(cpuMicros.replica) },
    }
  })
  return { ...pair, head: { ...pair.head, saturated } }
}
