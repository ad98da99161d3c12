/** Fixes, before the first pair, what a gate compares and how often it looks. */
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import { UsageError } from '../errors.ts'
import { type GatePlan, leastPairs, planGate } from '../stats/gate-plan.ts'
import { type PairOrder, pairOrders } from '../stats/pair-order.ts'
import type { Random } from '../stats/random.ts'
import { expectedCorrectnessMs } from './correctness.ts'
import { metricsFor, type PairMetric } from './gate-metrics.ts'
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
  /** Whether the system accounts CPU time by process. */
  readonly accounting: boolean
}

/** What is compared of one strategy, all of it fixed before the first pair. */
export interface StrategyPlan {
  readonly name: string
  readonly strategy: Readonly<Record<Side, StrategyInfo>>
  readonly metrics: readonly PairMetric[]
  readonly plan: GatePlan
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
  return compared.map(({ name, strategy }) => {
    const metrics = metricsFor({
      store: strategy.base.needs.length > 0 && strategy.head.needs.length > 0,
      saturation: request.settings.saturation !== null,
      accounting: request.accounting,
    })
    const least = leastPairs(metrics.length, alpha / compared.length)
    if (maxPairs < least) {
      const seconds = Math.ceil((correctnessMs + least * pairMs * compared.length) / 1000)
      throw new UsageError(
        `--max-time is too short: ${compared.length === 1 ? 'a strategy needs' : `${compared.length} strategies need`} at least ${least} pairs each for a false-alarm rate of ${alpha * 100} %, at about ${Math.round(pairMs / 1000)} s a pair; expected at least ${seconds}s, or fewer strategies`,
      )
    }
    const plan = planGate({
      metrics: metrics.map((metric) => ({
        name: metric.name,
        worse: metric.worse,
        tolerance: Math.max(request.tolerance, metric.leastTolerance),
      })),
      maxPairs,
      alpha: alpha / compared.length,
    })
    return { name, strategy, metrics, plan, orders: pairOrders(maxPairs, random) }
  })
}
