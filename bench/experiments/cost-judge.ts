/** Turns the windows of all throughput trials into findings; pure. */
import type { Finding } from '../record/finding.ts'
import { type About, type CostTrial, coldOf, experiment, summarise } from './cost-figures.ts'
import { judgePaced } from './cost-paced.ts'
import { judgeSaturated } from './cost-saturated.ts'
import { mixNames } from './cost-window.ts'

/** @param trials all of one plan */
export function judgeCosts(trials: readonly CostTrial[]): Finding[] {
  const [first] = trials
  if (first === undefined) return []
  const names = [...new Set(trials.flatMap(({ windows }) => windows.map(({ strategy }) => strategy)))]
  const inOrder = names.toSorted((one, other) => placeOf(one, first) - placeOf(other, first))
  const saturated = mixNames.flatMap((mix) => judgeSaturated(trials, inOrder, mix))
  return inOrder.flatMap((strategy) => [
    ...saturated.filter((row) => row.strategy === strategy),
    ...mixNames.flatMap((mix) => judgePaced(trials, strategy, mix)),
    ...afterAll(trials, strategy),
  ])
}

/** The control and its twin first, then the strategies in the order of the trial's clusters. */
function placeOf(strategy: string, { warmUp }: CostTrial): number {
  return warmUp.findIndex((row) => row.strategy === strategy)
}

function afterAll(trials: readonly CostTrial[], strategy: string): Finding[] {
  const about: About = { strategy, experiment, case: 'after-all' }
  const warm = trials.map(({ warmUp }) => warmUp.find((row) => row.strategy === strategy))
  return [
    summarise(
      { ...about, metric: 'memoryBytesPerReplica', unit: 'bytes' },
      trials.map(({ memory }) => memory.find((row) => row.strategy === strategy)?.bytesPerReplica ?? null),
      [],
    ),
    summarise(
      { ...about, metric: 'warmUpRequestsPerReplica', unit: 'count' },
      warm.map((row) => row?.requestsPerReplica ?? null),
      coldOf(trials, strategy),
    ),
  ]
}
