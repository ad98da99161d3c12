/** Judges the windows at a low, steady rate; pure. */
import { lagDoubt } from '../load/audit.ts'
import { latencyQuantiles } from '../load/latencies.ts'
import type { Finding, Unit } from '../record/finding.ts'
import { quantileRanks } from '../stats/quantile-interval.ts'
import {
  type About,
  answered,
  type CostTrial,
  coldOf,
  experiment,
  failureDoubt,
  failures,
  level,
  meanOf,
  mixedUp,
  perRequestOfAll,
  ratio,
  recognised,
  sum,
  summarise,
  tiers,
} from './cost-figures.ts'
import type { CostWindow, Mix } from './cost-window.ts'

/** One cluster at a low, steady rate: how long an answer takes, and what waking up for single requests costs. */
export function judgePaced(trials: readonly CostTrial[], strategy: string, mix: Mix): Finding[] {
  const perTrial = trials.map((trial) => ({
    windows: trial.windows.filter(
      (window) => window.strategy === strategy && window.kind === 'paced' && window.mix === mix,
    ),
  }))
  const all = perTrial.flatMap(({ windows }) => windows)
  if (all.length === 0) return []
  const about: About = { strategy, experiment, case: `${mix}-paced` }
  const value = (
    metric: string,
    unit: Unit,
    doubts: readonly string[],
    measure: (windows: readonly CostWindow[]) => number | null,
  ) =>
    summarise(
      { ...about, metric, unit },
      perTrial.map(({ windows }) => measure(windows)),
      doubts,
    )
  const failed = failureDoubt(all)
  const doubts = [...coldOf(trials, strategy), ...failed]
  const least = Math.min(...all.map(({ latency }) => latency.count))
  const carried = latencyQuantiles.filter(({ share }) => quantileRanks(least, share, level) !== null)
  return [
    value('recognisedShare', 'share', failed, (windows) =>
      ratio(sum(windows, recognised), sum(windows, answered)),
    ),
    failures(about, all),
    ...mixedUp(about, all),
    ...carried.map((quantile) => {
      const late = [lagDoubt(all, quantile) ?? []].flat()
      return value(`latency${quantile.name}Ms`, 'ms', [...doubts, ...late], (windows) =>
        meanOf(windows.map(({ latency }) => latency[quantile.key])),
      )
    }),
    ...tiers.map(([tier, micros]) =>
      value(`cpuMicrosPerRequestAtLowRate.${tier}`, 'µs', doubts, (windows) =>
        perRequestOfAll(windows, micros),
      ),
    ),
    value('generatorCpuShare', 'share', [], (windows) =>
      meanOf(windows.map(({ generator }) => generator.cpuShare)),
    ),
    value('generatorSendLagP99Ms', 'ms', [], (windows) =>
      meanOf(windows.map(({ generator }) => generator.sendLag?.p99Ms ?? null)),
    ),
  ]
}
