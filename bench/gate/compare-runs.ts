/** Compares two saved runs finding by finding; pure. */
import type { Finding } from '../record/finding.ts'
import { machineDifference } from '../record/machine.ts'
import { type MetricInfo, metricInfo } from '../record/metrics.ts'
import type { RunRecord } from '../record/run-record.ts'
import { isTrialFailure } from '../record/trial-failures.ts'
import type { Interval } from '../stats/interval.ts'
import { welchRatioInterval } from '../stats/welch.ts'
import type { SavedRun } from './saved-run.ts'
import { ratioMargin, valueMargin } from './session-margins.ts'
import { shareChange } from './share-change.ts'

export type Change = 'better' | 'worse' | '~' | 'not comparable'

/** What a ratio after / before is a ratio of: the values, or their ratios to the control of the same trial. */
type Basis = 'value' | 'ratio to control'

/** One finding in both runs. */
export interface ComparedFinding {
  readonly strategy: string
  readonly experiment: string
  readonly case: string
  readonly metric: string
  readonly unit: Finding['unit']
  readonly before: number | null
  readonly after: number | null
  readonly basis: Basis
  /** after / before, 1 for no change, with its 95 % interval; `null` for shares, and where nothing was compared. */
  readonly ratio: Interval | null
  readonly change: Change
  /** Why it is not comparable; empty when it is. */
  readonly reason: string
}

export interface Comparison {
  readonly before: RunIdentity
  readonly after: RunIdentity
  /** What the two runs do not have in common, each with what it puts beyond comparison. */
  readonly differences: readonly string[]
  /** The part by which a cost has to change, by the basis of its row, to be called better or worse. */
  readonly margins: Readonly<Record<Basis, number>>
  readonly findings: readonly ComparedFinding[]
}

export type RunIdentity = Pick<RunRecord, 'id' | 'startedAt' | 'commit' | 'dirty' | 'preset' | 'replicas'>

const level = 0.95
/** Shared by all rows with an interval (Bonferroni): a long table finds no more by chance than a short one. */
const tableError = 0.05
const margins: Comparison['margins'] = { 'ratio to control': ratioMargin, value: valueMargin }
/** Further apart, the machine has drifted (by 20 to 40 % within seconds: docs/measurements.md), and for good when a neighbour moves in. */
const closeMs = 60 * 60 * 1000

/**
 * Costs are compared as ratios to the control measured in the same trial, on which the machine's drift fell as well.
 * What has no control beside it is compared as it is, and only between runs on one machine that are close in time.
 * A cost is `better` or `worse` when its whole interval lies beyond the margin. The interval knows the noise between
 * trials, the margin what sessions differ by besides. How often they differ by more is not known and depends on the
 * machine, so there is no error rate to promise here; the gate, which measures both sides in turn within moments, has one.
 * @param control the name of the strategy that costs are compared with
 */
export function compareRuns(before: SavedRun, after: SavedRun, control: string): Comparison {
  const obstacles = obstaclesBetween(before.record, after.record)
  const keys = new Map([...before.findings, ...after.findings].map((row) => [keyOf(row), row]))
  const drafts = [...keys].flatMap(([key, row]) => {
    const info = metricInfo(row.experiment, row.metric)
    return info === null ? [] : [draftOf(key, row, info, before, after, obstacles, control)]
  })
  const family = drafts.filter(({ values }) => values !== null).length
  const strictLevel = 1 - tableError / Math.max(1, family)
  return {
    before: identity(before.record),
    after: identity(after.record),
    differences: [...obstacles.all, ...obstacles.costs, ...obstacles.absolute],
    margins,
    findings: drafts.map(({ row, info, values }) =>
      values === null
        ? row
        : { ...row, ...judged(values.before, values.after, info, strictLevel, margins[row.basis]) },
    ),
  }
}

function identity({ id, startedAt, commit, dirty, preset, replicas }: RunRecord): RunIdentity {
  return { id, startedAt, commit, dirty, preset, replicas }
}

/** What stands between two runs, by what it makes incomparable. */
interface Obstacles {
  readonly all: readonly string[]
  readonly costs: readonly string[]
  readonly absolute: readonly string[]
}

function obstaclesBetween(before: RunRecord, after: RunRecord): Obstacles {
  const differing = (what: string, a: unknown, b: unknown) =>
    a === b ? [] : [`other ${what}: ${String(a)} and ${String(b)}`]
  const machine = machineDifference(before.machine, after.machine)
  const apartMs = Math.abs(Date.parse(after.startedAt) - Date.parse(before.startedAt))
  return {
    all: [
      ...differing('preset', before.preset, after.preset),
      ...differing('number of replicas', before.replicas, after.replicas),
      ...differing('number of users', before.users ?? 'preset', after.users ?? 'preset'),
    ],
    costs: [
      ...(machine === null ? [] : [`other machine: ${machine}`]),
      ...differing('Node', before.versions.node, after.versions.node),
      ...differing('driver', before.driver, after.driver),
      // All clusters of a run share its warm-up and its steady load, the control too: beside others each costs something else.
      ...differing(
        'strategies under the same load (give both runs the same --strategies)',
        strategiesOf(before),
        strategiesOf(after),
      ),
    ],
    absolute:
      apartMs > closeMs
        ? ['measured more than an hour apart, so only ratios to the control are compared']
        : [],
  }
}

/** Their order is that of the registry, and nothing depends on it. */
function strategiesOf({ strategies }: RunRecord): string {
  const names = strategies.map(({ name }) => name)
  return names.toSorted().join()
}

interface Draft {
  readonly row: ComparedFinding
  readonly info: MetricInfo
  /** Per trial, where an interval is to be computed. */
  readonly values: { readonly before: readonly number[]; readonly after: readonly number[] } | null
}

function draftOf(
  key: string,
  about: Finding,
  info: MetricInfo,
  before: SavedRun,
  after: SavedRun,
  obstacles: Obstacles,
  control: string,
): Draft {
  const [first, second] = [before, after].map((run) => run.findings.find((row) => keyOf(row) === key))
  const besideControl = info.kind === 'cost' && about.strategy !== control
  const relative = besideControl || info.kind === 'ratio'
  const row: ComparedFinding = {
    strategy: about.strategy,
    experiment: about.experiment,
    case: about.case,
    metric: about.metric,
    unit: about.unit,
    before: first?.value ?? null,
    after: second?.value ?? null,
    basis: relative ? 'ratio to control' : 'value',
    ratio: null,
    change: 'not comparable',
    reason: '',
  }
  const refused = (reason: string): Draft => ({ row: { ...row, reason }, info, values: null })

  if (first === undefined) return refused(`only in the second run${failureIn(before, about)}`)
  if (second === undefined) return refused(`only in the first run${failureIn(after, about)}`)
  const inTheWay = [
    ...obstacles.all,
    ...(info.kind === 'behaviour' ? [] : obstacles.costs),
    ...(info.kind === 'behaviour' || relative ? [] : obstacles.absolute),
  ]
  if (inTheWay.length > 0) return refused(inTheWay.join('; '))
  for (const [which, finding] of [['first', first] as const, ['second', second] as const]) {
    if (finding.value === null || finding.verdict === 'unknown')
      return refused(`${which} run: ${finding.note}`)
  }
  if (info.kind === 'behaviour') {
    const change = shareChange(first, second, info.better) ?? 'not comparable'
    return { row: { ...row, change }, info, values: null }
  }
  const [ofBefore, ofAfter] = [before, after].map((run) => valuesOf(run, key, besideControl ? control : null))
  if (ofBefore === undefined || ofAfter === undefined || ofBefore.length === 0 || ofAfter.length === 0) {
    // Nothing is used on either side (a tier that the strategy does not have).
    if (first.value === 0 && second.value === 0) return { row: { ...row, change: '~' }, info, values: null }
    return refused(relative ? 'the control was not measured beside it' : 'a value of zero has no ratio')
  }
  if (ofBefore.length < 2 || ofAfter.length < 2) {
    return refused('a single trial in a run does not tell noise from change')
  }
  return { row, info, values: { before: ofBefore, after: ofAfter } }
}

/** Why a run that has no such finding has none, if its strategy dropped out. */
function failureIn({ findings }: SavedRun, { strategy, experiment }: Finding): string {
  const failure = findings.find(
    (row) => row.strategy === strategy && row.experiment === experiment && isTrialFailure(row),
  )
  return failure === undefined
    ? ''
    : `, as ${strategy} failed in the other: ${failure.note.split('\n', 1)[0]}`
}

/** The value of each trial, or its ratio to the control's; empty when one of them is missing or not above zero. */
function valuesOf(run: SavedRun, key: string, control: string | null): number[] {
  const values: number[] = []
  for (const findings of run.trials) {
    const own = findings.find((row) => keyOf(row) === key)
    if (own === undefined) continue // a trial of another experiment
    const beside =
      control === null
        ? 1
        : findings.find((row) => keyOf({ ...own, strategy: control }) === keyOf(row))?.value
    const value = (own.value ?? Number.NaN) / (beside ?? Number.NaN)
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) return []
    values.push(value)
  }
  return values
}

function judged(
  before: readonly number[],
  after: readonly number[],
  { better }: MetricInfo,
  strictLevel: number,
  margin: number,
): Pick<ComparedFinding, 'ratio' | 'change'> {
  const { low, high } = welchRatioInterval(before, after, strictLevel)
  const risen = low !== null && low > 1 + margin
  const fallen = high !== null && high < 1 / (1 + margin)
  const change = !risen && !fallen ? '~' : risen === (better === 'higher') ? 'better' : 'worse'
  return { ratio: welchRatioInterval(before, after, level), change }
}

function keyOf(row: Pick<Finding, 'strategy' | 'experiment' | 'case' | 'metric'>): string {
  return [row.strategy, row.experiment, row.case, row.metric].join(' ')
}
