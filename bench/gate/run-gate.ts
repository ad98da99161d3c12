/** A gate of head against another commit. */
import { EnvironmentError } from '../errors.ts'
import type { Contest } from './contest.ts'
import { type GateObserver, type GateOutcome, runCourse } from './course.ts'
import type { GateStrategyRecord } from './gate-record.ts'
import type { Instruments } from './instruments.ts'
import { judgePairs } from './judge-pairs.ts'
import { wrongUnderLoad } from './kept-under-load.ts'
import type { GateRequest, StrategyPlan } from './plan-strategies.ts'
import { SideError } from './side.ts'

/**
 * @param plans by `planStrategies`; a strategy of the request that has none is one that only head has
 * @param removed names of strategies that only base has
 * @throws {EnvironmentError} when base does not run: then there is nothing to compare with
 * @throws as `runCourse` does
 */
export async function runGate(
  plans: readonly StrategyPlan[],
  removed: readonly string[],
  request: Pick<GateRequest, 'strategies' | 'maxTimeMs'>,
  instruments: Instruments,
  observer: GateObserver,
): Promise<GateOutcome> {
  const contests = request.strategies.map((name) =>
    contestOf(
      name,
      plans.find((planned) => planned.name === name),
      instruments,
    ),
  )
  try {
    const outcome = await runCourse(contests, request.maxTimeMs, instruments.now, observer)
    return { ...outcome, strategies: [...outcome.strategies, ...removed.map(removedRecord)] }
  } catch (error) {
    if (!(error instanceof SideError)) throw error
    throw new EnvironmentError(
      `the base cannot be measured, so there is nothing to compare with. ${error.message}\nChoose another one with --against REF`,
      { cause: error },
    )
  }
}

function contestOf(name: string, planned: StrategyPlan | undefined, instruments: Instruments): Contest {
  if (planned === undefined) {
    return { name, checkLogins: () => instruments.checkAlone(name), pairs: null }
  }
  return {
    name,
    checkLogins: () => instruments.checkLogins(planned),
    pairs: {
      note: '',
      measure: (index) => instruments.measurePair(planned, index),
      wrong: wrongUnderLoad,
      judge: (pairs, last) => judgePairs(planned, pairs, last),
    },
  }
}

function removedRecord(name: string): GateStrategyRecord {
  return {
    name,
    status: 'removed',
    verdict: 'fine',
    note: 'only in base',
    correctness: { compared: 0, falls: [] },
    pairs: 0,
    metrics: [],
  }
}
