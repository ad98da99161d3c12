/** Measures the working tree alone: each strategy beside the control, pair by pair, and what becomes of its logins. */
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import { ClusterError, EnvironmentError, messageOf } from '../errors.ts'
import type { Finding } from '../record/finding.ts'
import { leastPairs } from '../stats/gate-plan.ts'
import { type PairOrder, pairOrders } from '../stats/pair-order.ts'
import type { Random } from '../stats/random.ts'
import { judgeAgainstBaseline } from './baseline-compare.ts'
import type { BaselineStrategy } from './baseline-record.ts'
import type { Contest, Judgement } from './contest.ts'
import { compareFindings, confirmed, type Fall, loginFindings, nothingCompared } from './correctness.ts'
import { type GateObserver, type GateOutcome, runCourse } from './course.ts'
import { metricsOf, mostMetrics } from './gate-metrics.ts'
import { logRatiosOf } from './judge-pairs.ts'
import { wrongUnderLoad } from './kept-under-load.ts'
import { measurePair, type PairSettings } from './pair.ts'
import type { PairRecord } from './pair-record.ts'
import { SideError, type SideUnderTest } from './side.ts'

/** As for a gate between commits: with fewer, one metric of many points the wrong way too easily. */
export function leastBaselinePairs(strategyCount: number): number {
  return leastPairs(mostMetrics * strategyCount, 0.01)
}

/** What a baseline is measured with. Apart from its course, so that this can be tested without clusters. */
export interface BaselineInstruments {
  /** @param again how often this was done before; users are drawn again each time */
  loginFindings(strategy: StrategyInfo, again: 0 | 1): Promise<Finding[]>
  /** The strategy as head, beside the control as base. */
  measurePair(strategy: StrategyInfo, index: number, order: PairOrder): Promise<PairRecord>
  /** Monotonic. */
  now(): number
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
    now: () => performance.now(),
  }
}

/** What is measured, and in how many pairs of each strategy. */
export interface BaselineRequest {
  readonly strategies: readonly StrategyInfo[]
  readonly pairs: number
}

/**
 * What each strategy costs beside the control, and whom it keeps logged in.
 * @throws {EnvironmentError} when the control does not run, twice
 * @throws {ClusterError} when a strategy does not, twice
 */
export async function measureBaseline(
  { strategies, pairs }: BaselineRequest,
  random: Random,
  instruments: BaselineInstruments,
  observer: GateObserver,
): Promise<BaselineStrategy[]> {
  const findings = new Map<string, Finding[]>()
  const measured = new Map<string, PairRecord[]>()
  const contests = strategies.map((strategy): Contest => {
    const orders = pairOrders(pairs, random)
    return {
      name: strategy.name,
      async checkLogins() {
        findings.set(strategy.name, await instruments.loginFindings(strategy, 0))
        return nothingCompared
      },
      pairs: {
        note: '',
        measure: (index) => instruments.measurePair(strategy, index, orders[index]!),
        wrong: () => null,
        judge(seen) {
          measured.set(strategy.name, [...seen])
          return nothingToJudge(seen.length >= pairs)
        },
      },
    }
  })
  const outcome = await besideControl(contests, instruments, observer)
  const failed = outcome.strategies.find(({ correctness }) => correctness.falls.length > 0)
  if (failed !== undefined) {
    const [{ note }] = failed.correctness.falls as [Fall]
    throw new ClusterError(`${failed.name} does not run: ${note}`)
  }
  return strategies.map((strategy) => ({
    name: strategy.name,
    findings: findings.get(strategy.name)!,
    logRatios: baselineRatios(strategy, measured.get(strategy.name)!),
  }))
}

const nothingToJudge = (stop: boolean): Judgement => ({
  verdict: 'undecided',
  stop,
  firstLook: 0,
  metrics: [],
})

/** By metric, ln(strategy / control), one per pair. */
export function baselineRatios(
  { needs }: Pick<StrategyInfo, 'needs'>,
  pairs: readonly PairRecord[],
): BaselineStrategy['logRatios'] {
  // The control needs nothing, and forgets nobody.
  return logRatiosOf(metricsOf(pairs[0]!, { sameNeeds: needs.length === 0, forgets: false }), pairs)
}

/**
 * A gate of head against a baseline: as many pairs as that has, decided once, since nothing runs beside head that would
 * make looking early worth it.
 * @param before of each strategy what the baseline holds
 * @throws {EnvironmentError} when the control does not run, twice
 */
export async function runBaselineGate(
  { strategies, pairs }: BaselineRequest,
  before: (strategy: StrategyInfo) => BaselineStrategy,
  tolerance: number,
  random: Random,
  instruments: BaselineInstruments,
  observer: GateObserver,
): Promise<GateOutcome> {
  const contests = strategies.map((strategy): Contest => {
    const orders = pairOrders(pairs, random)
    const base = before(strategy)
    // What it forgot then it may forget now: as a metric, compared like the others.
    const forgot = (base.logRatios.recognisedShare ?? []).some((ratio) => ratio < 0)
    return {
      name: strategy.name,
      checkLogins: () =>
        confirmed(async (again) =>
          compareFindings(base.findings, await instruments.loginFindings(strategy, again)),
        ),
      pairs: {
        note: 'ratios to the control are compared, over as many pairs as the baseline has (baseline update --pairs)',
        measure: (index) => instruments.measurePair(strategy, index, orders[index]!),
        wrong: (seen) => (forgot ? null : wrongUnderLoad(seen)),
        judge: (seen) =>
          seen.length < pairs
            ? { ...nothingToJudge(false), firstLook: pairs }
            : judgeAgainstBaseline(base, strategy, seen, { tolerance, strategies: strategies.length }),
      },
    }
  })
  return await besideControl(contests, instruments, observer)
}

/** The control stands in the place of the base, of which whoever reads this has never heard. */
async function besideControl(
  contests: readonly Contest[],
  { now }: BaselineInstruments,
  observer: GateObserver,
): Promise<GateOutcome> {
  try {
    return await runCourse(contests, Number.POSITIVE_INFINITY, now, observer)
  } catch (error) {
    if (!(error instanceof SideError)) throw error
    throw new EnvironmentError(
      `the control does not run, so there is nothing to compare with: ${messageOf(error.cause)}`,
      { cause: error },
    )
  }
}
