/** Fixes, before the first pair, which strategies a gate compares, in how many pairs, and how sure of it. */
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import { UsageError } from '../errors.ts'
import { leastPairs } from '../stats/gate-plan.ts'
import { type PairOrder, pairOrders } from '../stats/pair-order.ts'
import type { Random } from '../stats/random.ts'
import { expectedCorrectnessMs } from './correctness.ts'
import { mostMetrics } from './gate-metrics.ts'
import { expectedPairMs, type PairSettings } from './pair.ts'
import { findStrategy, type Side, type SideUnderTest } from './side.ts'

/** Chance that a whole gate says `worse` of anything that is not. */
const alpha = 0.01

/** What a gate was asked for. */
export interface GateRequest {
  /** Names of strategies of head. */
  readonly strategies: readonly string[]
  /** The name of the strategy without sessions, which has no logins to keep. */
  readonly control: string
  /** The change that is accepted, 0.025 for 2.5 %. */
  readonly tolerance: number
  readonly maxTimeMs: number
  readonly settings: PairSettings
  /** Replicas of the clusters in which logins are checked. */
  readonly replicas: number
  readonly seed: number
}

/** How one strategy is compared; which metrics, what the clusters of its first pair can tell of decides. */
export interface StrategyPlan {
  readonly name: string
  readonly strategy: Readonly<Record<Side, StrategyInfo>>
  readonly tolerance: number
  readonly maxPairs: number
  /** The strategy's share of the error rate. */
  readonly alpha: number
  readonly orders: readonly PairOrder[]
}

/**
 * The error rate is shared equally over the strategies, and by each plan over its metrics and looks; so one strategy
 * can be settled, and need no more pairs, before another.
 * @throws {UsageError} when the time does not suffice for the pairs that the error rate asks for
 */
export function planStrategies(
  both: Readonly<Record<Side, Pick<SideUnderTest, 'strategies'>>>,
  request: GateRequest,
  random: Random,
): StrategyPlan[] {
  const compared = request.strategies.flatMap((name) => {
    const [base, head] = [findStrategy(both.base, name), findStrategy(both.head, name)]
    return base === undefined || head === undefined ? [] : [{ name, strategy: { base, head } }]
  })
  const pairMs = expectedPairMs(request.settings)
  const correctnessMs = request.strategies.length * expectedCorrectnessMs
  const maxPairs = Math.floor((request.maxTimeMs - correctnessMs) / (pairMs * compared.length))
  const least = leastPairs(mostMetrics, alpha / compared.length)
  if (compared.length > 0 && maxPairs < least) {
    const seconds = Math.ceil((correctnessMs + least * pairMs * compared.length) / 1000)
    throw new UsageError(
      `--max-time is too short: ${compared.length === 1 ? 'a strategy needs' : `${compared.length} strategies need`} at least ${least} pairs each for a false-alarm rate of ${alpha * 100} %, at about ${Math.round(pairMs / 1000)} s a pair; expected at least ${seconds}s, or fewer strategies`,
    )
  }
  return compared.map(({ name, strategy }) => ({
    name,
    strategy,
    tolerance: request.tolerance,
    maxPairs,
    alpha: alpha / compared.length,
    orders: pairOrders(maxPairs, random),
  }))
}
