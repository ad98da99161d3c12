/** Turns the windows of all throughput trials into findings; pure. */
import { lagDoubt } from '../load/audit.ts'
import { latencyQuantiles } from '../load/latencies.ts'
import { type MachineShares, machineShares } from '../load/machine-shares.ts'
import type { WarmUpRecord } from '../load/warm-up.ts'
import { answeredAsAnother } from '../record/answered-as-another.ts'
import type { Finding, Unit } from '../record/finding.ts'
import { geometricMeanInterval, type Interval, meanInterval } from '../stats/interval.ts'
import { mean } from '../stats/mean.ts'
import { quantileRanks } from '../stats/quantile-interval.ts'
import { machineDoubt } from './cost-doubt.ts'
import { comparedPairs, noiseDoubt } from './cost-pairs.ts'
import { type Rounds, ratioByRound, roundsOf } from './cost-rounds.ts'
import { coldDoubt } from './cost-warmth.ts'
import { type CostWindow, type Mix, mixNames } from './cost-window.ts'

/** The observations of one trial. */
interface CostTrial {
  readonly control: string
  readonly twin: string
  readonly warmUp: readonly ({ readonly strategy: string } & WarmUpRecord)[]
  readonly windows: readonly CostWindow[]
  readonly memory: readonly { readonly strategy: string; readonly bytesPerReplica: number | null }[]
}

const experiment = 'throughput'
const level = 0.95
/** An interval that reaches further than this to either side carries a `?`. */
const widest = 0.2

type About = Pick<Finding, 'strategy' | 'experiment' | 'case'>

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

/** All clusters at saturation with one mix. */
function judgeSaturated(trials: readonly CostTrial[], names: readonly string[], mix: Mix): Finding[] {
  const { control, twin } = trials[0]!
  const of = (strategy: string) => {
    const perTrial = trials.map((trial) => ({ rounds: roundsOf(trial, strategy, mix) }))
    const shares = perTrial.map(({ rounds }) => machineShares(rounds.own))
    const doubts = unique([
      ...coldOf(trials, strategy),
      ...perTrial.flatMap(({ rounds }) => rounds.doubts),
      ...[machineDoubt(machineShares(perTrial.flatMap(({ rounds }) => rounds.own))) ?? []].flat(),
    ])
    return { strategy, perTrial, shares, doubts }
  }
  const all = names.map(of).filter(({ perTrial }) => perTrial.some(({ rounds }) => rounds.own.length > 0))
  const controlDoubts = all.find(({ strategy }) => strategy === control)?.doubts ?? []
  const about = (strategy: string): About => ({ strategy, experiment, case: `${mix}-saturated` })
  const ratios = (value: (window: CostWindow) => number | null) =>
    Object.fromEntries(
      all
        .filter(({ strategy }) => strategy !== control)
        .map(({ strategy, perTrial }) => [
          strategy,
          perTrial.map(({ rounds }) => ratioByRound(rounds, value)),
        ]),
    )
  const relative = [
    { metric: 'ratioToControl', pairs: 'requestsPerSecondBeside', perTrial: ratios(rate) },
    {
      metric: 'cpuRatioToControl',
      pairs: 'cpuBeside',
      perTrial: ratios((window) => perRequest(window, total)),
    },
  ].map((each) => {
    const own = (strategy: string) =>
      summarise(
        { ...about(strategy), metric: each.metric, unit: 'ratio' },
        each.perTrial[strategy]!,
        unique([...all.find((one) => one.strategy === strategy)!.doubts, ...controlDoubts]),
      )
    const noise = each.perTrial[twin] === undefined ? null : noiseDoubt(own(twin))
    return {
      ...each,
      own: (strategy: string) => (strategy === twin ? own(twin) : doubted(own(strategy), noise)),
      noise,
    }
  })
  const pairs =
    mix !== 'me'
      ? []
      : relative.flatMap(({ pairs: metric, perTrial, noise }) => {
          const logs = Object.entries(perTrial)
            .filter(([strategy]) => strategy !== twin)
            .map(([strategy, values]) => [
              strategy,
              values.map((value) => (value === null ? null : Math.log(value))),
            ])
          const doubtsOf = (strategy: string) =>
            unique(
              [
                ...all.find((one) => one.strategy === strategy)!.doubts,
                ...controlDoubts,
                ...(noise ?? []),
              ].flat(),
            )
          return comparedPairs(about(''), metric, Object.fromEntries(logs), level, doubtsOf)
        })
  return all.flatMap(({ strategy, perTrial, shares, doubts }) => {
    const each = (measure: (rounds: Rounds) => number | null) => perTrial.map(({ rounds }) => measure(rounds))
    const cost = (metric: string, unit: Unit, measure: (rounds: Rounds) => number | null) =>
      summarise({ ...about(strategy), metric, unit }, each(measure), doubts)
    const seen = (metric: string, unit: Unit, measure: (rounds: Rounds) => number | null) =>
      summarise({ ...about(strategy), metric, unit }, each(measure), [])
    return [
      cost('requestsPerSecond', '1/s', ({ own }) => ratio(sum(own, answered), sum(own, elapsedMs) / 1000)),
      ...(strategy === control ? [] : relative.map(({ own }) => own(strategy))),
      ...pairs.filter((row) => row.strategy === strategy),
      ...tiers.map(([tier, micros]) =>
        cost(`cpuMicrosPerRequest.${tier}`, 'µs', ({ own }) => perRequestOfAll(own, micros)),
      ),
      seen('cpuMicrosPerRequest.generator', 'µs', ({ own }) =>
        ratio(
          sum(own, ({ generator }) => generator.cpuMicros),
          sum(own, answered),
        ),
      ),
      cost('latencyP50Ms', 'ms', ({ own }) => meanOf(own.map(({ latency }) => latency.p50Ms))),
      seen('recognisedShare', 'share', ({ own }) => ratio(sum(own, recognised), sum(own, answered))),
      ...failures(
        about(strategy),
        trials.flatMap(({ windows }) =>
          windows.filter(
            (window) => window.strategy === strategy && window.kind === 'saturated' && window.mix === mix,
          ),
        ),
      ),
      ...(Object.keys(noShares) as (keyof MachineShares)[]).map((who) =>
        summarise(
          { ...about(strategy), metric: `machineShare.${who}`, unit: 'share' },
          shares.map((share) => share?.[who] ?? null),
          [],
        ),
      ),
    ]
  })
}

/** A record, so that the compiler asks for every share there is. */
const noShares: Record<keyof MachineShares, true> = {
  replica: true,
  nginx: true,
  store: true,
  generator: true,
  others: true,
  steal: true,
  idle: true,
  generatorRunDelay: true,
}

/** One cluster at a low, steady rate: how long an answer takes, and what waking up for single requests costs. */
function judgePaced(trials: readonly CostTrial[], strategy: string, mix: Mix): Finding[] {
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
  const doubts = unique([
    ...coldOf(trials, strategy),
    ...all.flatMap(({ failed }) => (failed > 0 ? [`${failed} requests failed`] : [])),
  ])
  const least = Math.min(...all.map(({ latency }) => latency.count))
  const carried = latencyQuantiles.filter(({ share }) => quantileRanks(least, share, level) !== null)
  return [
    value('recognisedShare', 'share', [], (windows) =>
      ratio(sum(windows, recognised), sum(windows, answered)),
    ),
    ...failures(about, all),
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

function failures(about: About, windows: readonly CostWindow[]): Finding[] {
  const value = sum(windows, ({ failed }) => failed)
  return [
    {
      ...about,
      metric: 'failedRequests',
      value,
      unit: 'count',
      low: null,
      high: null,
      verdict: 'pass',
      note: '',
    },
  ]
}

/** Of the windows whose answers were looked into. */
function mixedUp(about: About, windows: readonly CostWindow[]): Finding[] {
  const looked = windows.filter((window) => window.answeredAsAnother !== null)
  if (looked.length === 0) return []
  const answers = sum(looked, answered)
  const asAnother = sum(looked, (window) => window.answeredAsAnother ?? 0)
  return [answeredAsAnother(about, { answers, asAnother })]
}

/** Why the costs of a cluster are those of cold code: at most one reason. */
function coldOf(trials: readonly CostTrial[], strategy: string): string[] {
  const records = trials.flatMap(({ warmUp }) => warmUp.filter((row) => row.strategy === strategy))
  const requests = Math.min(...records.map(({ requestsPerReplica }) => requestsPerReplica))
  // Pages are what every preset measures most, and what was warmed up by.
  const rounds = trials.map((trial) => roundsOf(trial, strategy, 'me'))
  const asked = rounds.some(({ own }) => own.length > 0)
  return asked ? [coldDoubt(rounds, requests) ?? []].flat() : []
}

function summarise(
  about: About & Pick<Finding, 'metric' | 'unit'>,
  perTrial: readonly (number | null)[],
  doubts: readonly string[],
): Finding {
  const values = perTrial.filter((value) => value !== null)
  if (values.length < perTrial.length || values.length === 0) {
    const note = 'could not be measured: the system does not tell, or there was no request'
    return { ...about, value: null, low: null, high: null, verdict: 'unknown', note }
  }
  const multiplicative = isMultiplicative(values, about.unit)
  const { estimate, low, high } = multiplicative
    ? geometricMeanInterval(values, level)
    : meanInterval(values, level)
  const finding = { ...about, value: estimate, low, high, verdict: 'pass' as const, note: '' }
  const reach = multiplicative ? widthDoubt({ estimate, low, high }) : null
  return doubted(finding, ...doubts, reach)
}

/** The same finding without a verdict, if anything speaks against it. */
function doubted(finding: Finding, ...doubts: readonly (string | null)[]): Finding {
  const all = unique([
    ...(finding.note === '' ? [] : [finding.note]),
    ...doubts.filter((doubt) => doubt !== null),
  ])
  return all.length === 0 ? finding : { ...finding, verdict: 'unknown', note: all.join('; ') }
}

/** Ratios and times vary by a percentage of themselves; shares and counts may be zero and are averaged as they are. */
function isMultiplicative(values: readonly number[], unit: Unit): boolean {
  return unit !== 'share' && unit !== 'count' && values.every((value) => value > 0)
}

function widthDoubt({ estimate, low, high }: Interval): string | null {
  if (low === null || high === null) return 'one trial: no interval'
  const reach = Math.max(estimate / low, high / estimate) - 1
  return reach <= widest ? null : `the interval reaches ${Math.round(reach * 100)} % to either side`
}

const answered = (window: CostWindow) => window.answered
const recognised = (window: CostWindow) => window.recognised
const elapsedMs = (window: CostWindow) => window.elapsedMs

type Micros = (window: CostWindow) => number | null
/** Replicas, nginx and stores together. */
const total: Micros = ({ cpuMicros: { replica, nginx, store } }) =>
  replica === null || nginx === null || store === null ? null : replica + nginx + store
const tiers: readonly (readonly [string, Micros])[] = [
  ['replica', ({ cpuMicros }) => cpuMicros.replica],
  ['nginx', ({ cpuMicros }) => cpuMicros.nginx],
  ['store', ({ cpuMicros }) => cpuMicros.store],
  ['total', total],
]

function rate({ answered, elapsedMs }: CostWindow): number | null {
  return ratio(answered, elapsedMs / 1000)
}

function perRequest(window: CostWindow, micros: Micros): number | null {
  return perRequestOfAll([window], micros)
}

function perRequestOfAll(windows: readonly CostWindow[], micros: Micros): number | null {
  const all = windows.map(micros)
  if (all.some((value) => value === null)) return null
  return ratio(
    (all as number[]).reduce((sum, value) => sum + value, 0),
    sum(windows, (window) => window.answered + window.failed),
  )
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : mean(known)
}

function ratio(part: number, of: number): number | null {
  return of === 0 ? null : part / of
}

function sum(windows: readonly CostWindow[], of: (window: CostWindow) => number): number {
  return windows.reduce((all, window) => all + of(window), 0)
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)]
}
