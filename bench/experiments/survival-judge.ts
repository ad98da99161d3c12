/** Turns what faults did into findings: which logins they cost, and what users saw meanwhile. Pure. */
import { bottleneck, lagDoubt } from '../load/audit.ts'
import { type LatencyQuantile, latencyQuantiles } from '../load/latencies.ts'
import { machineShares, othersDoubt } from '../load/machine-shares.ts'
import { totals } from '../load/timeline.ts'
import { isKnown, type LoginState } from '../load/users.ts'
import { answeredAsAnother } from '../record/answered-as-another.ts'
import type { Finding, Unit } from '../record/finding.ts'
import { meanInterval } from '../stats/interval.ts'
import { mean } from '../stats/mean.ts'
import { quantileRanks } from '../stats/quantile-interval.ts'
import type { FaultWindow } from './fault-window.ts'

/** What happened to the clusters of one strategy. */
export interface FaultsOfStrategy {
  readonly strategy: string
  readonly faults: readonly FaultWindow[]
}

/**
 * A fault that was repeated on fresh clusters is one case with as many observations as there were repetitions: users who
 * shared a fault are not independent of each other.
 */
export function judgeSurvival(experiment: string, trials: readonly FaultsOfStrategy[]): Finding[] {
  const windows = trials.flatMap(({ strategy, faults }) => faults.map((window) => ({ strategy, window })))
  const cases = Map.groupBy(windows, ({ strategy, window }) => `${strategy} ${window.fault}`)
  return [...cases.values()].flatMap((repeated) => {
    const { strategy, window } = repeated[0]!
    const about = { strategy, experiment, case: window.fault }
    const repetitions = repeated.map((one) => one.window)
    const judged = [
      ...loginFindings(repetitions),
      ...newcomerFindings(repetitions),
      ...requestFindings(repetitions),
      ...timeFindings(repetitions),
    ]
    return [
      ...judged.map((finding) => ({ ...about, ...finding })),
      answeredAsAnother(about, namesIn(repetitions)),
    ]
  })
}

type Judged = Omit<Finding, 'strategy' | 'experiment' | 'case'>

/** What one repetition says of a share. */
interface Part {
  readonly part: number
  readonly of: number
  readonly unanswered: number
}

/** @param nothing the note when there is nothing that the share could be of */
function share(metric: string, what: string, parts: readonly Part[], nothing: string): Judged {
  const sum = (pick: (one: Part) => number) => parts.reduce((total, one) => total + pick(one), 0)
  const [part, of, unanswered] = [sum((one) => one.part), sum((one) => one.of), sum((one) => one.unanswered)]
  if (of === 0) {
    const note = unanswered > 0 ? `none of ${unanswered} ${what} got an answer` : nothing
    return { ...noValue(metric, 'share'), note }
  }
  const verdict = part < of ? 'fail' : unanswered > 0 ? 'unknown' : 'pass'
  const shares = parts.filter((one) => one.of > 0).map((one) => one.part / one.of)
  const notes = [
    `${part} of ${of} ${what}`,
    ...(unanswered > 0 ? [`${unanswered} more got no answer`] : []),
    shares.length === 1 ? 'one fault, so no interval' : `${shares.length} faults`,
  ]
  return { metric, unit: 'share', ...overRepetitions(shares, 1), verdict, note: notes.join('; ') }
}

type UserRow = FaultWindow['users'][number]

/** One for each user. */
function usersOf({ users }: FaultWindow): UserRow[] {
  return users.flatMap((row) => Array.from({ length: row.count }, () => row))
}

function loginFindings(repetitions: readonly FaultWindow[]): Judged[] {
  const users = repetitions.flatMap(usersOf)
  const before = users.filter((user) => isKnown(user.before) === true)
  const lostBefore = users.filter((user) => isKnown(user.before) === false).length
  const survived = (metric: string, counts: (user: UserRow) => boolean) =>
    share(
      metric,
      'logins',
      repetitions.map((window) => {
        const after = usersOf(window)
          .filter((user) => counts(user) && isKnown(user.before) === true)
          .map((user) => isKnown(user.after))
        const unanswered = after.filter((known) => known === null).length
        const part = after.filter((known) => known === true).length
        return { part, of: after.length - unanswered, unanswered }
      }),
      'nothing to lose: no replica knew a login before the fault',
    )
  const recognised = (metric: string, moment: 'before' | 'after') =>
    share(
      metric,
      'pages',
      repetitions.map((window) => pagesOf(usersOf(window).map((user) => user[moment]))),
      'nobody was asked',
    )
  return [
    {
      metric: 'loginsBefore',
      value: before.length,
      unit: 'count',
      low: null,
      high: null,
      verdict: lostBefore > 0 ? 'fail' : before.length < users.length ? 'unknown' : 'pass',
      note: before.length < users.length ? `of ${users.length} that were acknowledged` : '',
    },
    survived('survivedShare', () => true),
    survived('survivedActiveShare', (user) => user.active),
    survived('survivedIdleShare', (user) => !user.active),
    recognised('recognisedShareBefore', 'before'),
    recognised('recognisedShareAfter', 'after'),
  ]
}

/** A page by each replica that a user met. */
function pagesOf(states: readonly LoginState[]): Part {
  return {
    part: states.reduce((sum, state) => sum + state.knowing, 0),
    of: states.reduce((sum, state) => sum + state.met, 0),
    unanswered: states.filter((state) => state.unanswered).length,
  }
}

/** Of logins around the fault, by their age when it struck: the youngest are the ones that a store may not have saved. */
const ages = [
  { what: 'made after it', belowMs: 0 },
  { what: 'under 0.1 s', belowMs: 100 },
  { what: '0.1 to 1 s', belowMs: 1_000 },
  { what: 'over 1 s', belowMs: Number.POSITIVE_INFINITY },
]

/** Totals over all repetitions: of what must not happen, an average would say less. */
function newcomerFindings(repetitions: readonly FaultWindow[]): Judged[] {
  const newcomers = repetitions.flatMap((window) =>
    window.newcomers.map(({ acknowledgedAtMs, after }) => ({
      ageMs: window.faultAtMs - acknowledgedAtMs,
      known: isKnown(after),
    })),
  )
  const asked = totals(repetitions.map(({ loginRequests }) => loginRequests))
  const refused = asked.failed + asked['logged-out'] + asked['answered-as-another']
  const isLost = ({ known }: { readonly known: boolean | null }) => known === false
  const lost = newcomers.filter(isLost).length
  const unanswered = newcomers.filter(({ known }) => known === null).length
  const byAge = Map.groupBy(newcomers, ({ ageMs }) => ages.find(({ belowMs }) => ageMs < belowMs)?.what)
  const where = ages.flatMap(({ what }) => {
    const those = byAge.get(what) ?? []
    return those.some(isLost) ? [`${those.filter(isLost).length} of ${those.length} (${what})`] : []
  })
  const notes = [
    `${lost} of ${newcomers.length} logins acknowledged around the fault`,
    ...(where.length > 0 ? [`by age when it struck: ${where.join(', ')}`] : []),
    ...(unanswered > 0 ? [`${unanswered} more got no answer when they were looked for`] : []),
  ]
  const acknowledged: Judged = {
    metric: 'acknowledgedLogins',
    value: newcomers.length,
    unit: 'count',
    low: null,
    high: null,
    verdict: 'pass',
    note: refused > 0 ? `${refused} more were refused or got no answer` : '',
  }
  if (newcomers.length === unanswered) {
    const note =
      unanswered === 0
        ? 'no login was acknowledged around the fault'
        : `none of ${unanswered} logins acknowledged around the fault got an answer when it was looked for`
    return [acknowledged, { ...noValue('acknowledgedLoginsLost', 'count'), note }]
  }
  return [
    acknowledged,
    {
      metric: 'acknowledgedLoginsLost',
      value: lost,
      unit: 'count',
      low: null,
      high: null,
      verdict: lost > 0 ? 'fail' : unanswered > 0 ? 'unknown' : 'pass',
      note: notes.join('; '),
    },
  ]
}

function requestFindings(repetitions: readonly FaultWindow[]): Judged[] {
  const counts = repetitions.map((window) => totals(window.timeline.slices))
  const requests = (metric: string, values: readonly number[]): Judged => ({
    metric,
    unit: 'count',
    ...overRepetitions(values),
    verdict: 'pass',
    note: '',
  })
  return [
    requests(
      'okRequests',
      counts.map(({ ok }) => ok),
    ),
    requests(
      'loggedOutRequests',
      counts.map((one) => one['logged-out']),
    ),
    requests(
      'failedRequests',
      counts.map(({ failed }) => failed),
    ),
  ]
}

/** Of all answers that name a user: pages, logins, and what each replica said of a login that was looked for. */
function namesIn(repetitions: readonly FaultWindow[]) {
  const requests = totals(repetitions.flatMap((window) => [...window.timeline.slices, window.loginRequests]))
  const states = repetitions.flatMap((window) => [
    ...usersOf(window).flatMap(({ before, after }) => [before, after]),
    ...window.newcomers.map(({ after }) => after),
  ])
  const told = (pick: (state: LoginState) => number) => states.reduce((sum, state) => sum + pick(state), 0)
  const asAnother = requests['answered-as-another']
  return {
    answers: requests.ok + requests['logged-out'] + asAnother + told(({ met }) => met),
    asAnother: asAnother + told(({ mistaking }) => mistaking),
  }
}

function timeFindings(repetitions: readonly FaultWindow[]): Judged[] {
  const general = doubtAbout(repetitions)
  /**
   * @param values `null` where a repetition cannot tell, and then `note` says why
   * @param own why this one, of all, gets no verdict
   */
  const time = (metric: string, values: readonly (number | null)[], note: string, own = ''): Judged => {
    const told = values.filter((value) => value !== null)
    const doubt = general === '' ? own : general
    const notes = [doubt, note].filter((one) => one !== '').join('; ')
    if (told.length < values.length) return { ...noValue(metric, 'ms'), note: notes }
    const verdict = doubt === '' ? 'pass' : 'unknown'
    return { metric, unit: 'ms', ...overRepetitions(told), verdict, note: notes }
  }
  const latency = (quantile: LatencyQuantile) => {
    const { key, name, share } = quantile
    const carried = repetitions.every(({ okLatency }) => quantileRanks(okLatency.count, share, 0.95) !== null)
    const lag = lagDoubt(
      repetitions.map(({ generator, okLatency }) => ({ generator, latency: okLatency })),
      quantile,
    )
    return time(
      `latency${name}Ms`,
      repetitions.map(({ okLatency }) => (carried ? okLatency[key] : null)),
      carried ? '' : 'too few pages were recognised to tell this quantile',
      carried ? (lag ?? '') : '',
    )
  }
  const endedWithoutOk = repetitions.some(({ timeline }) => timeline.endedWithoutOk)
  const recoveries = repetitions.map(recoveryOf)
  return [
    time(
      'outageMs',
      repetitions.map(({ timeline }) => timeline.longestWithoutOkMs),
      endedWithoutOk ? 'at least: nobody was recognised up to the end of the observation' : '',
    ),
    time(
      'recoveryMs',
      recoveries,
      recoveries.includes(null) ? 'requests still failed at the end of the observation' : '',
    ),
    ...latencyQuantiles.filter(({ name }) => name === 'P50' || name === 'P95').map(latency),
  ]
}

/** From the fault until every member was ready and nothing failed any more; `null` when something still did. */
function recoveryOf({ faultAtMs, readyAtMs, timeline }: FaultWindow): number | null {
  if ((timeline.slices.at(-1)?.failed ?? 0) > 0) return null
  return Math.max(readyAtMs, timeline.lastFailedMs ?? 0) - faultAtMs
}

/** Why timings get no verdict; empty when they were taken in quiet. */
function doubtAbout(repetitions: readonly FaultWindow[]): string {
  if (repetitions.some(({ beside }) => beside.length > 0)) {
    return 'measured beside other trials; --experiments restart-survival and --preset thorough measure it alone'
  }
  const reasons = repetitions.flatMap(({ generator, lull }) => {
    const shares = machineShares([lull])
    return [shares === null ? null : othersDoubt(shares), bottleneck(generator)]
  })
  return reasons.find((reason) => reason !== null) ?? ''
}

/**
 * The mean, with Student's interval when there are several that differ; what came out the same each time has no spread
 * to make one of.
 * @param most the largest value there can be; the least is 0
 */
function overRepetitions(
  values: readonly number[],
  most = Number.POSITIVE_INFINITY,
): Pick<Finding, 'value' | 'low' | 'high'> {
  const value = mean(values)
  if (values.every((one) => one === values[0])) return { value, low: null, high: null }
  const { low, high } = meanInterval(values, 0.95)
  return {
    value,
    low: low === null ? null : Math.max(0, low),
    high: high === null ? null : Math.min(most, high),
  }
}

function noValue(metric: string, unit: Unit): Omit<Judged, 'note'> {
  return { metric, value: null, unit, low: null, high: null, verdict: 'unknown' }
}
