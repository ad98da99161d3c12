/** Experiment: which logins survive when replicas and stores are restarted or crash, and what do users see meanwhile? */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'undici'
import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import { type Fault, faultsFor } from '../cluster/faults.ts'
import { openConnections, outcomeOf } from '../load/browser.ts'
import { Latencies, latencySummary } from '../load/latencies.ts'
import { runPaced } from '../load/paced.ts'
import { TimelineRecorder, timeline, totals } from '../load/timeline.ts'
import { checkLogins, type LoginState, logIn, loginStates } from '../load/users.ts'
import { answeredAsAnother } from '../record/answered-as-another.ts'
import type { Finding, Unit } from '../record/finding.ts'
import { proportionInterval } from '../stats/proportion.ts'
import type { Experiment, Preset, TrialContext } from './experiment.ts'

interface Settings {
  /** Half of them browse, half are idle. */
  readonly users: number
  readonly ratePerSecond: number
  /** Browsing before the fault and after it is over. */
  readonly beforeMs: number
  readonly afterMs: number
}

const settingsOf: Record<Preset, Settings> = {
  quick: { users: 12, ratePerSecond: 30, beforeMs: 250, afterMs: 250 },
  default: { users: 45, ratePerSecond: 50, beforeMs: 500, afterMs: 500 },
  thorough: { users: 200, ratePerSecond: 100, beforeMs: 3_000, afterMs: 3_000 },
}

const logins = z.array(z.enum(loginStates))

const raw = z.strictObject({
  strategy: z.string(),
  replicas: z.number().int(),
  ratePerSecond: z.number(),
  faults: z.array(
    z.strictObject({
      fault: z.string(),
      /** Logins that every replica knew before anything happened. */
      keptBefore: logins,
      /** Logins of users who browsed on, and of users who did not. */
      active: logins,
      idle: logins,
      /** When the fault began, and when every member it touched was ready again, after the browsing had begun. */
      faultAtMs: z.number(),
      readyAtMs: z.number(),
      timeline,
      /** Of the browsing users' requests, from when each was due. */
      latency: latencySummary,
    }),
  ),
})
type Raw = z.infer<typeof raw>
type FaultRaw = Raw['faults'][number]

export const restartSurvival: Experiment<Raw> = {
  name: 'restart-survival',
  question: 'Which logins survive restarts and crashes, and what do users see meanwhile?',
  raw,

  trials: (plan) =>
    plan.strategies.map((strategy) => ({
      id: strategy.name,
      label: strategy.name,
      clusters: [{ strategy, replicas: plan.replicas }],
      sideBySide: 5,
      expectedMs:
        faultsFor(strategy).length *
        (2_000 + settingsOf[plan.preset].beforeMs + settingsOf[plan.preset].afterMs),
    })),

  async trial(_spec, [cluster], context) {
    if (cluster === undefined) throw new RangeError('restart-survival needs one cluster')
    const preset = settingsOf[context.plan.preset]
    const settings = { ...preset, users: context.plan.users ?? preset.users }
    const connections = openConnections(cluster.entry)
    await using _closed = { [Symbol.asyncDispose]: () => connections.destroy() }
    const observed: FaultRaw[] = []
    for (const fault of faultsFor(cluster.spec.strategy)) {
      context.say(fault.name)
      observed.push(await observe(fault, cluster, connections, settings, context))
    }
    return {
      strategy: cluster.spec.strategy.name,
      replicas: cluster.spec.replicas,
      ratePerSecond: settings.ratePerSecond,
      faults: observed,
    }
  },

  judge: (trials) => trials.flatMap((trial) => trial.faults.flatMap((fault) => findingsOf(trial, fault))),
}

async function observe(
  fault: Fault,
  cluster: Cluster,
  connections: Pool,
  settings: Settings,
  { measure, random, signal }: TrialContext,
): Promise<FaultRaw> {
  const { replicas } = cluster.spec
  const users = await logIn(connections, cluster.entry, fault.name, settings.users, signal)
  return measure(async () => {
    const keptBefore = await checkLogins(users, replicas, signal)
    const active = users.filter((_, index) => index % 2 === 0)
    const idle = users.filter((_, index) => index % 2 === 1)

    const startedAt = performance.now()
    const recorder = new TimelineRecorder(startedAt)
    const latencies = new Latencies()
    const enough = new AbortController()
    const browsing = runPaced(
      { ratePerSecond: settings.ratePerSecond, until: AbortSignal.any([enough.signal, signal]) },
      async () => {
        const user = active[random.int(active.length)]!
        return outcomeOf(await user.browser.get('/me'), user.name)
      },
      ({ result, intendedAtMs, endedAtMs }) => {
        recorder.record(result, endedAtMs)
        latencies.record(endedAtMs - intendedAtMs)
      },
    )
    let faultAtMs: number
    let readyAtMs: number
    try {
      await sleep(settings.beforeMs, undefined, { signal })
      faultAtMs = performance.now() - startedAt
      await fault.inject(cluster, signal)
      readyAtMs = performance.now() - startedAt
      await sleep(settings.afterMs, undefined, { signal })
    } finally {
      enough.abort()
      await browsing
    }
    return {
      fault: fault.name,
      keptBefore,
      faultAtMs,
      readyAtMs,
      timeline: recorder.finish(performance.now()),
      latency: latencies.summary(),
      active: await checkLogins(active, replicas, signal),
      idle: await checkLogins(idle, replicas, signal),
    }
  })
}

function findingsOf(trial: Raw, observed: FaultRaw): Finding[] {
  const about = { strategy: trial.strategy, experiment: restartSurvival.name, case: observed.fault }
  const { timeline: seen } = observed
  const counts = totals(seen.slices)
  const exact = (metric: string, value: number | null, unit: Unit, note: string): Finding => ({
    ...about,
    metric,
    value,
    unit,
    low: null,
    high: null,
    verdict: value === null ? 'unknown' : 'pass',
    note,
  })
  const survived = (metric: string, states: readonly LoginState[]): Finding => {
    const known = states.filter((state) => state !== 'unknown')
    const unanswered = states.length - known.length
    if (known.length === 0) {
      return exact(metric, null, 'share', `none of ${states.length} logins got an answer after the fault`)
    }
    const kept = known.filter((state) => state === 'kept').length
    const { estimate, low, high } = proportionInterval(kept, known.length, 0.95)
    const before = observed.keptBefore.filter((state) => state === 'kept').length
    const notes = [`${kept} of ${known.length} logins`]
    if (before < observed.keptBefore.length) {
      notes.push(`before the fault ${before} of ${observed.keptBefore.length} were known to every replica`)
    }
    if (unanswered > 0) notes.push(`${unanswered} more got no answer`)
    const verdict = kept < known.length ? 'fail' : unanswered > 0 ? 'unknown' : 'pass'
    return { ...about, metric, value: estimate, unit: 'share', low, high, verdict, note: notes.join('; ') }
  }
  // A login that was looked at counts as one answer, however often it was asked.
  const checked = [...observed.keptBefore, ...observed.active, ...observed.idle].filter(
    (state) => state !== 'unknown',
  )
  const wholeAtMs = Math.max(observed.readyAtMs, seen.lastFailedMs ?? 0)
  const stillFailing = (seen.slices.at(-1)?.failed ?? 0) > 0
  return [
    survived('survivedShare', [...observed.active, ...observed.idle]),
    survived('survivedActiveShare', observed.active),
    survived('survivedIdleShare', observed.idle),
    exact('okRequests', counts.ok, 'count', ''),
    exact('loggedOutRequests', counts['logged-out'], 'count', ''),
    exact('failedRequests', counts.failed, 'count', ''),
    answeredAsAnother(about, {
      answers: counts.ok + counts['logged-out'] + counts['answered-as-another'] + checked.length,
      asAnother:
        counts['answered-as-another'] + checked.filter((state) => state === 'answered-as-another').length,
    }),
    exact(
      'outageMs',
      seen.longestWithoutOkMs,
      'ms',
      seen.endedWithoutOk ? 'at least: nobody was recognised up to the end of the observation' : '',
    ),
    exact(
      'recoveryMs',
      stillFailing ? null : wholeAtMs - observed.faultAtMs,
      'ms',
      stillFailing ? 'requests still failed at the end of the observation' : '',
    ),
    exact('latencyP50Ms', observed.latency.p50Ms, 'ms', ''),
    exact('latencyP99Ms', observed.latency.p99Ms, 'ms', ''),
  ]
}
