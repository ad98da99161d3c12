/** The course of one gate: logins first, then fresh pairs until everything is settled or time is up. */
import { EnvironmentError } from '../errors.ts'
import { decide, type GateDecision } from '../stats/gate-decision.ts'
import { type Correctness, doesNotRun, type Fall, nothingCompared } from './correctness.ts'
import { logRatio } from './gate-metrics.ts'
import type { GateRecord, GateStrategyRecord, GateVerdict } from './gate-record.ts'
import type { Instruments } from './instruments.ts'
import { lossUnderLoad } from './kept-under-load.ts'
import type { PairRecord } from './pair-record.ts'
import type { GateRequest, StrategyPlan } from './plan-strategies.ts'
import { SideError } from './side.ts'
import { strategyRecord } from './strategy-record.ts'

/** Where a gate tells of itself while it goes on. */
export interface GateObserver {
  note(line: string): void
  /** Takes each pair the moment it has been measured. */
  pair(record: PairRecord): void
}

export type GateOutcome = Pick<GateRecord, 'verdict' | 'strategies' | 'timing'>

/** What has been found out about one strategy. */
interface StrategyState {
  readonly planned: StrategyPlan
  readonly pairs: PairRecord[]
  readonly logRatios: Record<string, number[]>
  /** What head has lost in the last pair. */
  doubt: Fall | null
  correctness: Correctness
  decision: GateDecision | null
}

/** A strategy that base does not have. */
interface NewStrategy {
  readonly name: string
  readonly correctness: Correctness
}

/**
 * @param plans by `planStrategies`; a strategy of the request that has none is one that only head has
 * @param removed names of strategies that only base has
 * @throws {EnvironmentError} when base does not run: then there is nothing to compare with
 */
export async function runGate(
  plans: readonly StrategyPlan[],
  removed: readonly string[],
  request: Pick<GateRequest, 'strategies' | 'maxTimeMs'>,
  instruments: Instruments,
  observer: GateObserver,
): Promise<GateOutcome> {
  const startedAt = instruments.now()
  const elapsedMs = () => instruments.now() - startedAt
  const states = plans.map(
    (planned): StrategyState => ({
      planned,
      pairs: [],
      logRatios: Object.fromEntries(planned.metrics.map(({ name }) => [name, []])),
      doubt: null,
      correctness: nothingCompared,
      decision: null,
    }),
  )
  const alone: NewStrategy[] = []
  const isWorse = () =>
    [...states, ...alone].some(({ correctness }) => correctness.falls.length > 0) ||
    states.some(({ decision }) => decision?.verdict === 'worse')
  let correctnessMs = 0
  try {
    for (const name of request.strategies) {
      const state = states.find(({ planned }) => planned.name === name)
      if (state === undefined) alone.push({ name, correctness: await instruments.checkAlone(name) })
      else state.correctness = await instruments.checkLogins(state.planned)
      observer.note(loginNote(name, state?.correctness ?? alone.at(-1)!.correctness))
    }
    correctnessMs = elapsedMs()
    if (!isWorse()) await measureAll(states, request.maxTimeMs, instruments, observer, elapsedMs, isWorse)
  } catch (error) {
    if (!(error instanceof SideError) || error.side !== 'base') throw error
    throw new EnvironmentError(
      `the base cannot be measured, so there is nothing to compare with. ${error.message}\nChoose another one with --against REF`,
      { cause: error },
    )
  }
  const wallMs = elapsedMs()
  const strategies = request.strategies.map((name) => {
    const state = states.find(({ planned }) => planned.name === name)
    return state === undefined
      ? newRecord(alone.find((one) => one.name === name)!)
      : strategyRecord(state.planned, state)
  })
  return {
    verdict: together(strategies.map(({ verdict }) => verdict)),
    strategies: [...strategies, ...removed.map(removedRecord)],
    timing: { wallMs, correctnessMs, pairsMs: wallMs - correctnessMs },
  }
}

function loginNote(name: string, { falls, compared }: Correctness): string {
  if (falls.length > 0)
    return `${name}: head is worse in ${falls.length} of ${compared} findings about logins`
  return compared === 0 ? `${name}: runs` : `${name}: logins are kept as in base (${compared} findings)`
}

/** A pair of each unsettled strategy in turn, until there is none, one is worse, or time is up. */
async function measureAll(
  states: readonly StrategyState[],
  maxTimeMs: number,
  instruments: Instruments,
  observer: GateObserver,
  elapsedMs: () => number,
  isWorse: () => boolean,
): Promise<void> {
  let slowestPairMs = 0
  const unsettled = () => states.filter(({ decision }) => decision?.stop !== true)
  while (unsettled().length > 0) {
    for (const state of unsettled()) {
      // Time, not what was measured, ends the gate: what is left of the error rate may be spent then.
      if (elapsedMs() + slowestPairMs > maxTimeMs) {
        for (const open of unsettled()) {
          if (open.pairs.length > 0) open.decision = decide(open.logRatios, open.planned.plan, { last: true })
        }
        return
      }
      const before = elapsedMs()
      await addPair(state, instruments, observer)
      slowestPairMs = Math.max(slowestPairMs, elapsedMs() - before)
      if (isWorse()) return
    }
  }
}

async function addPair(
  state: StrategyState,
  instruments: Instruments,
  observer: GateObserver,
): Promise<void> {
  const { planned } = state
  let pair: PairRecord
  try {
    pair = await instruments.measurePair(planned, state.pairs.length)
  } catch (error) {
    if (!(error instanceof SideError) || error.side === 'base') throw error
    fall(state, doesNotRun(error))
    return
  }
  observer.pair(pair)
  state.pairs.push(pair)
  for (const metric of planned.metrics) state.logRatios[metric.name]!.push(logRatio(metric, pair))
  state.decision = decide(state.logRatios, planned.plan)
  // A connection may break once for no fault of head's: what it loses in two pairs, one after the other, is its own.
  const loss = lossUnderLoad(pair)
  if (loss !== null && state.doubt !== null) fall(state, loss)
  state.doubt = loss
}

function fall(state: StrategyState, what: Fall): void {
  state.correctness = { ...state.correctness, falls: [...state.correctness.falls, what] }
}

function newRecord({ name, correctness: { compared, falls } }: NewStrategy): GateStrategyRecord {
  return {
    name,
    status: 'new',
    verdict: falls.length > 0 ? 'worse' : 'fine',
    note: 'only in head: there is nothing to compare it with',
    correctness: { compared, falls: falls.map((fall) => ({ ...fall })) },
    pairs: 0,
    metrics: [],
  }
}

function removedRecord(name: string): GateStrategyRecord {
  const correctness = { compared: 0, falls: [] }
  return {
    name,
    status: 'removed',
    verdict: 'fine',
    note: 'only in base',
    correctness,
    pairs: 0,
    metrics: [],
  }
}

/** Worse when any is, fine when all are. */
export function together(verdicts: readonly GateVerdict[]): GateVerdict {
  if (verdicts.includes('worse')) return 'worse'
  return verdicts.every((verdict) => verdict === 'fine') ? 'fine' : 'undecided'
}
