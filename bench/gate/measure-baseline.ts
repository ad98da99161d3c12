/** Measures the working tree alone: each strategy beside the control, pair by pair, and what becomes of its logins. */
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import { EnvironmentError, messageOf } from '../errors.ts'
import type { Finding } from '../record/finding.ts'
import { leastPairs } from '../stats/gate-plan.ts'
import { type PairOrder, pairOrders } from '../stats/pair-order.ts'
import type { Random } from '../stats/random.ts'
import type { BaselineStrategy } from './baseline-record.ts'
import { type Correctness, confirmed, loginFindings, nothingCompared } from './correctness.ts'
import { logRatio, metricsFor, type PairMetric } from './gate-metrics.ts'
import { measurePair, type PairSettings } from './pair.ts'
import type { PairRecord } from './pair-record.ts'
import { SideError, type SideUnderTest } from './side.ts'

/** What is compared with a baseline: the control has no store. */
export function baselineMetrics(): readonly PairMetric[] {
  return metricsFor({ store: false, saturation: false, accounting: process.platform === 'linux' })
}

/** As for a gate between commits: with fewer, one metric of many points the wrong way too easily. */
export function leastBaselinePairs(strategyCount: number): number {
  return leastPairs(baselineMetrics().length * strategyCount, 0.01)
}

/** What a baseline is measured with. Apart from its course, so that this can be tested without clusters. */
export interface BaselineInstruments {
  /** @param again how often this was done before; drawn anew each time */
  loginFindings(strategy: StrategyInfo, again: 0 | 1): Promise<Finding[]>
  /** The strategy as head, beside the control as base. */
  measurePair(strategy: StrategyInfo, index: number, order: PairOrder): Promise<PairRecord>
}

/** Real clusters. @throws {SideError} from each of them, when the strategy or the control does not run */
export function baselineInstruments(
  head: SideUnderTest,
  options: {
    readonly control: StrategyInfo
    readonly settings: PairSettings
    /** Replicas of the clusters in which logins are checked. */
    readonly replicas: number
    readonly seed: number
  },
  random: Random,
  signal: AbortSignal,
): BaselineInstruments {
  const both = { base: { ...head, side: 'base' as const }, head }
  const { control, settings } = options
  return {
    loginFindings: (strategy, again) =>
      loginFindings(head, strategy, { ...options, seed: options.seed + again }, signal),
    measurePair: (strategy, index, order) =>
      measurePair(
        both,
        { index, order, strategy: { base: control, head: strategy }, control: control.name },
        settings,
        random,
        signal,
      ),
  }
}

/** Where the measuring tells of itself while it goes on. */
export interface BaselineObserver {
  /** Takes each pair the moment it has been measured. */
  pair(record: PairRecord): void
  /** A strategy that does not run takes no further part; whoever cannot do without it throws. */
  fails(strategy: string, error: SideError): void
}

/** Compares the logins of a strategy with those of a baseline. */
export type CompareLogins = (strategy: string, findings: readonly Finding[]) => Correctness

/** What was measured of a strategy, and why not more. */
export interface MeasuredStrategy {
  readonly measured: BaselineStrategy
  /** What became of its logins, beside what it was compared with. */
  readonly correctness: Correctness
  /** That it does not run. */
  readonly failure: SideError | null
}

/**
 * @param compareLogins when there is a baseline; what it finds worse is looked at twice
 * @throws {EnvironmentError} when the control does not run: then there is nothing to compare with
 */
export async function measureBaseline(
  strategies: readonly StrategyInfo[],
  pairs: number,
  random: Random,
  instruments: BaselineInstruments,
  observer: BaselineObserver,
  compareLogins: CompareLogins = () => nothingCompared,
): Promise<MeasuredStrategy[]> {
  const metrics = baselineMetrics()
  const states = strategies.map((strategy) => ({
    strategy,
    orders: pairOrders(pairs, random),
    findings: [] as BaselineStrategy['findings'],
    correctness: nothingCompared,
    logRatios: Object.fromEntries(metrics.map(({ name }) => [name, [] as number[]])),
    failure: null as SideError | null,
  }))
  const eachRunning = async (step: (state: (typeof states)[number]) => Promise<void>) => {
    for (const state of states.filter(({ failure }) => failure === null)) {
      try {
        await step(state)
      } catch (error) {
        if (!(error instanceof SideError)) throw error
        if (error.side === 'base') throw controlFails(error)
        state.failure = error
        observer.fails(state.strategy.name, error)
      }
    }
  }
  await eachRunning(async (state) => {
    state.correctness = await confirmed(async (again) => {
      state.findings = await instruments.loginFindings(state.strategy, again)
      return compareLogins(state.strategy.name, state.findings)
    })
  })
  for (let index = 0; index < pairs; index += 1) {
    await eachRunning(async ({ strategy, orders, logRatios }) => {
      const pair = await instruments.measurePair(strategy, index, orders[index]!)
      observer.pair(pair)
      for (const metric of metrics) logRatios[metric.name]!.push(logRatio(metric, pair))
    })
  }
  return states.map(({ strategy, findings, correctness, logRatios, failure }) => ({
    measured: { name: strategy.name, findings, logRatios },
    correctness,
    failure,
  }))
}

/** The control stands in the place of the base, of which whoever reads this has never heard. */
function controlFails(error: SideError): EnvironmentError {
  return new EnvironmentError(
    `the control does not run, so there is nothing to compare with: ${messageOf(error.cause)}`,
    { cause: error },
  )
}
