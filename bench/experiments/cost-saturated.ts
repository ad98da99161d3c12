/** Judges the windows at saturation: what a request costs, beside both controls and beside the other strategies; pure. */
import { type MachineShares, machineShares } from '../load/machine-shares.ts'
import type { Finding, Unit } from '../record/finding.ts'
import { machineDoubt } from './cost-doubt.ts'
import {
  type About,
  answered,
  type CostTrial,
  coldOf,
  doubted,
  elapsedMs,
  experiment,
  failureDoubt,
  failures,
  level,
  meanOf,
  perRequest,
  perRequestOfAll,
  rate,
  ratio,
  recognised,
  sum,
  summarise,
  tiers,
  total,
  unique,
} from './cost-figures.ts'
import { comparedPairs, noiseDoubt } from './cost-pairs.ts'
import { type Rounds, ratioByRound, roundsOf } from './cost-rounds.ts'
import type { CostWindow, Mix } from './cost-window.ts'

/** One cluster over all trials. */
interface Subject {
  readonly strategy: string
  readonly rounds: readonly Rounds[]
  /** What speaks against its figures. */
  readonly doubts: readonly string[]
}

/** What is told as a ratio to the controls. */
const ratios = [
  { metric: 'ratioToControl', pairs: 'requestsPerSecondBeside', value: rate },
  {
    metric: 'cpuRatioToControl',
    pairs: 'cpuBeside',
    value: (window: CostWindow) => perRequest(window, total),
  },
] as const

/** @param names of the clusters, in the order of the report */
export function judgeSaturated(trials: readonly CostTrial[], names: readonly string[], mix: Mix): Finding[] {
  const subjects = names
    .map((strategy) => subjectOf(trials, strategy, mix))
    .filter(({ rounds }) => rounds.some(({ own }) => own.length > 0))
  const relative = relativeFindings(trials, subjects, mix)
  return subjects.flatMap((subject) => [
    ...relative.filter((row) => row.strategy === subject.strategy),
    ...ownFindings(trials, subject, mix),
  ])
}

function subjectOf(trials: readonly CostTrial[], strategy: string, mix: Mix): Subject {
  const rounds = trials.map((trial) => roundsOf(trial, strategy, mix))
  const machine = machineDoubt(machineShares(rounds.flatMap(({ own }) => own)))
  const doubts = unique([
    ...coldOf(trials, strategy),
    ...rounds.flatMap((each) => each.doubts),
    ...(machine === null ? [] : [machine]),
  ])
  return { strategy, rounds, doubts }
}

function aboutOf(strategy: string, mix: Mix): About {
  return { strategy, experiment, case: `${mix}-saturated` }
}

/** Beside the controls and, for pages, beside each other. */
function relativeFindings([first]: readonly CostTrial[], subjects: readonly Subject[], mix: Mix): Finding[] {
  const control = subjects.find(({ strategy }) => strategy === first?.control)
  const others = subjects.filter((subject) => subject !== control)
  const doubtsOf = ({ doubts }: Subject) => unique([...doubts, ...(control?.doubts ?? [])])
  return ratios.flatMap(({ metric, pairs, value }) => {
    const rows = others.map((subject) => {
      const perTrial = subject.rounds.map((rounds) => ratioByRound(rounds, value))
      const about = { ...aboutOf(subject.strategy, mix), metric, unit: 'ratio' as const }
      return { subject, perTrial, finding: summarise(about, perTrial, doubtsOf(subject)) }
    })
    const twin = rows.find(({ finding }) => finding.strategy === first?.twin)
    const noise = noiseDoubt(twin?.finding)
    const strategies = rows.filter((row) => row !== twin)
    const logRatios = strategies.map(({ subject, perTrial }) => [
      subject.strategy,
      perTrial.map((one) => (one === null ? null : Math.log(one))),
    ])
    const compared = comparedPairs(aboutOf('', mix), pairs, Object.fromEntries(logRatios), level, (name) => {
      const { subject } = strategies.find((row) => row.subject.strategy === name)!
      return noise === null ? doubtsOf(subject) : [...doubtsOf(subject), noise]
    })
    return [
      ...(twin === undefined ? [] : [twin.finding]),
      ...strategies.map(({ finding }) => doubted(finding, noise)),
      ...(mix === 'me' ? compared : []),
    ]
  })
}

/** What a cluster did by itself. */
function ownFindings(
  trials: readonly CostTrial[],
  { strategy, rounds, doubts }: Subject,
  mix: Mix,
): Finding[] {
  const about = aboutOf(strategy, mix)
  const cost = (metric: string, unit: Unit, measure: (rounds: Rounds) => number | null) =>
    summarise({ ...about, metric, unit }, rounds.map(measure), doubts)
  const seen = (metric: string, unit: Unit, perTrial: readonly (number | null)[]) =>
    summarise({ ...about, metric, unit }, perTrial, [])
  const shares = rounds.map(({ own }) => machineShares(own))
  const all = trials.flatMap(({ windows }) =>
    windows.filter(
      (window) => window.strategy === strategy && window.kind === 'saturated' && window.mix === mix,
    ),
  )
  return [
    cost('requestsPerSecond', '1/s', ({ own }) => ratio(sum(own, answered), sum(own, elapsedMs) / 1000)),
    ...tiers.map(([tier, micros]) =>
      cost(`cpuMicrosPerRequest.${tier}`, 'µs', ({ own }) => perRequestOfAll(own, micros)),
    ),
    seen(
      'cpuMicrosPerRequest.generator',
      'µs',
      rounds.map(({ own }) =>
        ratio(
          sum(own, ({ generator }) => generator.cpuMicros),
          sum(own, answered),
        ),
      ),
    ),
    cost('latencyP50Ms', 'ms', ({ own }) => meanOf(own.map(({ latency }) => latency.p50Ms))),
    summarise(
      { ...about, metric: 'recognisedShare', unit: 'share' },
      rounds.map(({ own }) => ratio(sum(own, recognised), sum(own, answered))),
      failureDoubt(rounds.flatMap(({ own }) => own)),
    ),
    failures(about, all),
    ...(Object.keys(everyShare) as (keyof MachineShares)[]).map((who) =>
      seen(
        `machineShare.${who}`,
        'share',
        shares.map((share) => share?.[who] ?? null),
      ),
    ),
  ]
}

/** A record, so that the compiler asks for every share there is. */
const everyShare: Record<keyof MachineShares, true> = {
  replica: true,
  nginx: true,
  store: true,
  generator: true,
  others: true,
  steal: true,
  idle: true,
  generatorRunDelay: true,
}
