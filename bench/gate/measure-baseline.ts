/** Measures the working tree alone: each strategy beside the control, pair by pair, and what becomes of its logins. */
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import { pairOrders } from '../stats/pair-order.ts'
import type { Random } from '../stats/random.ts'
import type { BaselineStrategy } from './baseline-record.ts'
import { loginFindings } from './correctness.ts'
import { logRatio, metricsFor, type PairMetric } from './gate-metrics.ts'
import { measurePair, type PairSettings } from './pair.ts'
import type { PairRecord } from './pair-record.ts'
import type { SideUnderTest } from './side.ts'

/** What is compared with a baseline: the control has no store. */
export function baselineMetrics(): readonly PairMetric[] {
  return metricsFor({ store: false, saturation: false, accounting: process.platform === 'linux' })
}

export interface BaselineRequest {
  readonly strategies: readonly StrategyInfo[]
  readonly control: StrategyInfo
  readonly pairs: number
  readonly settings: PairSettings
  readonly replicas: number
  readonly seed: number
}

/** @throws {SideError} when a strategy does not run */
export async function measureBaseline(
  head: SideUnderTest,
  { strategies, control, pairs, settings, replicas, seed }: BaselineRequest,
  random: Random,
  onPair: (pair: PairRecord) => void,
  signal: AbortSignal,
): Promise<BaselineStrategy[]> {
  const both = { base: { ...head, side: 'base' as const }, head }
  const metrics = baselineMetrics()
  const states = strategies.map((strategy) => ({
    strategy,
    orders: pairOrders(pairs, random),
    findings: [] as BaselineStrategy['findings'],
    logRatios: Object.fromEntries(metrics.map(({ name }) => [name, [] as number[]])),
  }))
  for (const state of states) {
    state.findings = await loginFindings(head, state.strategy, { replicas, control, seed }, signal)
  }
  for (let index = 0; index < pairs; index += 1) {
    for (const { strategy, orders, logRatios } of states) {
      const spec = {
        index,
        order: orders[index]!,
        strategy: { base: control, head: strategy },
        control: control.name,
      }
      const pair = await measurePair(both, spec, settings, random, signal)
      onPair(pair)
      for (const metric of metrics) logRatios[metric.name]!.push(logRatio(metric, pair))
    }
  }
  return states.map(({ strategy, findings, logRatios }) => ({ name: strategy.name, findings, logRatios }))
}
