/** The course of every gate, whatever head is compared with: logins first, then fresh pairs until everything is settled. */
import { ClusterError, concernsEverybody } from '../errors.ts'
import type { Contest, Judgement, PairContest } from './contest.ts'
import { type Correctness, doesNotRun, type Fall, nothingCompared } from './correctness.ts'
import { type GateRecord, together } from './gate-record.ts'
import type { PairRecord } from './pair-record.ts'
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
interface ContestState {
  readonly contest: Contest
  readonly pairs: PairRecord[]
  correctness: Correctness
  judgement: Judgement | null
}

/**
 * Ends as soon as anything is worse. What a side fails at is tried once more before it counts.
 * @param maxTimeMs from now; no pair is begun that would probably end later
 * @param now monotonic, in milliseconds
 * @throws {SideError} of base, when it fails twice: then there is nothing to compare with
 * @throws what concerns both sides alike, such as the end of nginx, when it happens twice
 */
export async function runCourse(
  contests: readonly Contest[],
  maxTimeMs: number,
  now: () => number,
  observer: GateObserver,
): Promise<GateOutcome> {
  const startedAt = now()
  const elapsedMs = () => now() - startedAt
  const states = contests.map(
    (contest): ContestState => ({
      contest,
      pairs: [],
      correctness: nothingCompared,
      judgement: null,
    }),
  )
  const isWorse = () =>
    states.some(
      ({ correctness, judgement }) => correctness.falls.length > 0 || judgement?.verdict === 'worse',
    )
  for (const state of states) {
    await running(state, observer, async () => {
      state.correctness = await state.contest.checkLogins()
    })
    observer.note(loginNote(state.contest.name, state.correctness))
  }
  const correctnessMs = elapsedMs()
  if (!isWorse()) await measureAll(states, maxTimeMs, elapsedMs, observer, isWorse)
  const wallMs = elapsedMs()
  const strategies = states.map(strategyRecord)
  return {
    verdict: together(strategies.map(({ verdict }) => verdict)),
    strategies,
    timing: { wallMs, correctnessMs, pairsMs: wallMs - correctnessMs },
  }
}

function loginNote(name: string, { falls, compared }: Correctness): string {
  if (falls.some(({ metric }) => metric === 'runs')) return `${name}: head does not run`
  if (falls.length > 0)
    return `${name}: head is worse in ${falls.length} of ${compared} findings about logins`
  return compared === 0 ? `${name}: runs` : `${name}: logins are kept as in base (${compared} findings)`
}

/** A pair of each unsettled strategy in turn, until there is none, one is worse, or time is up. */
async function measureAll(
  states: readonly ContestState[],
  maxTimeMs: number,
  elapsedMs: () => number,
  observer: GateObserver,
  isWorse: () => boolean,
): Promise<void> {
  let slowestPairMs = 0
  const unsettled = () =>
    states.flatMap((state) => {
      const { pairs } = state.contest
      return pairs === null || state.judgement?.stop === true ? [] : [{ state, contest: pairs }]
    })
  while (unsettled().length > 0) {
    for (const { state, contest } of unsettled()) {
      // Time, not what was measured, ends the gate: what is left of the error rate may be spent then.
      if (elapsedMs() + slowestPairMs > maxTimeMs) {
        for (const open of unsettled()) {
          if (open.state.pairs.length > 0) {
            open.state.judgement = open.contest.judge(open.state.pairs, true)
          }
        }
        return
      }
      const before = elapsedMs()
      await running(state, observer, () => addPair(state, contest, observer))
      slowestPairMs = Math.max(slowestPairMs, elapsedMs() - before)
      if (isWorse()) return
    }
  }
}

async function addPair(state: ContestState, contest: PairContest, observer: GateObserver): Promise<void> {
  const pair = await contest.measure(state.pairs.length)
  observer.pair(pair)
  state.pairs.push(pair)
  state.judgement = contest.judge(state.pairs, false)
  const wrong = contest.wrong(state.pairs)
  if (wrong !== null) fall(state, wrong)
}

/**
 * A machine may fail a side once for no fault of its own: what fails is tried once more. A head that fails again is worse.
 * @throws {SideError} of a base that fails again
 * @throws what is no side's fault, such as the end of nginx, when it happens again
 */
async function running(
  state: ContestState,
  observer: GateObserver,
  attempt: () => Promise<void>,
): Promise<void> {
  try {
    await attempt()
    return
  } catch (error) {
    if (!(error instanceof SideError || error instanceof ClusterError)) throw error
    observer.note(`${error.message}\n${state.contest.name}: tried once more`)
  }
  try {
    await attempt()
  } catch (error) {
    if (!(error instanceof SideError)) throw error
    if (concernsEverybody(error.cause)) throw error.cause
    if (error.side === 'base') throw error
    fall(state, doesNotRun(error))
  }
}

function fall(state: ContestState, what: Fall): void {
  state.correctness = { ...state.correctness, falls: [...state.correctness.falls, what] }
}
