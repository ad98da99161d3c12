/** One measured stretch of load on one or all clusters: what was answered, how fast, and what each tier paid for it. */
import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import { cpuBetween, cpuByTier, readCpu } from '../cluster/usage.ts'
import { generatorAudit, startAudit } from '../load/audit.ts'
import { outcomeOf } from '../load/browser.ts'
import { Latencies, latencySummary } from '../load/latencies.ts'
import { machineCpu, machineCpuBetween, readMachineCpu } from '../load/machine-cpu.ts'
import { runPaced } from '../load/paced.ts'
import { type MixRequest, saturate } from '../load/saturate.ts'
import type { User } from '../load/users.ts'
import { amount, count, name } from '../record/values.ts'
import type { TrialContext } from './experiment.ts'

/** What is asked for: the page of a logged-in user, or a login for every three such pages. */
export const mixNames = ['me', 'login'] as const
export type Mix = (typeof mixNames)[number]

/** In the `login` mix, one request in this many is a login. */
const requestsPerLogin = 4

export const costWindow = z
  .strictObject({
    /** The strategy's name, or that of the control or its twin. */
    strategy: name,
    kind: z.enum(['saturated', 'paced']),
    mix: z.enum(mixNames),
    /** Saturated windows of one round stand beside each other: the control's is among them. */
    round: count,
    elapsedMs: amount,
    /** Requests that were answered by less than 500, and of them those that recognised the user. */
    answered: count,
    recognised: count,
    failed: count,
    /** Of the answers, those that named another user; `null` in a saturated window, which does not look into them. */
    answeredAsAnother: count.nullable(),
    latency: latencySummary,
    /** Between the two readings of CPU time: a little longer than the load. */
    spanMs: amount,
    cpuMicros: cpuByTier,
    /** `null` where the system does not tell. */
    machine: machineCpu.nullable(),
    /** In a paced window one generator serves all clusters: audit and requests are those of all of them together. */
    generator: generatorAudit,
    generatorRequests: count,
  })
  .refine(
    ({ answered, recognised, answeredAsAnother }) => recognised + (answeredAsAnother ?? 0) <= answered,
    'more answers were looked into than there were',
  )
export type CostWindow = z.infer<typeof costWindow>

/** A cluster under load. */
export interface Subject {
  /** As its windows are named. */
  readonly name: string
  readonly cluster: Cluster
  /** Logged in; the control has visitors without a login, whom it all takes for `control`. */
  readonly users: readonly User[]
  /** Where the pages and logins of the mixes are. */
  readonly paths: { readonly page: string; readonly login: string }
}

/** Connections of the closed loop, however many users there are: each sends the cookies of one of them. */
const connections = 24

/** Loads one cluster to saturation. */
export async function saturatedWindow(
  subject: Subject,
  mix: Mix,
  round: number,
  durationMs: number,
  signal: AbortSignal,
): Promise<CostWindow> {
  const { users } = subject
  const audit = startAudit()
  const machineBefore = readMachineCpu()
  const startedAt = performance.now()
  const cpuBefore = await readCpu(subject.cluster)
  const result = await saturate(
    {
      entry: subject.cluster.entry,
      mix: requestsOf(subject, mix),
      cookieHeaders: Array.from({ length: connections }, (_, at) =>
        users[at % users.length]!.browser.cookies.header(subject.paths.page),
      ),
      durationMs,
    },
    signal,
  )
  const cpuMicros = cpuBetween(cpuBefore, await readCpu(subject.cluster))
  const spanMs = performance.now() - startedAt
  const machine = machineCpuBetween(machineBefore, readMachineCpu())
  const count = (fits: (status: number) => boolean) =>
    Object.entries(result.statuses).reduce(
      (sum, [status, times]) => sum + (fits(Number(status)) ? times : 0),
      0,
    )
  const answered = count((status) => status < 500)
  return {
    strategy: subject.name,
    kind: 'saturated',
    mix,
    round,
    elapsedMs: result.elapsedMs,
    answered,
    recognised: count((status) => status === 200),
    failed: count((status) => status >= 500) + result.unanswered,
    answeredAsAnother: null,
    latency: result.latency,
    spanMs,
    cpuMicros,
    machine,
    generator: audit.finish(),
    generatorRequests: answered,
  }
}

function requestsOf({ paths }: Subject, mix: Mix): MixRequest[] {
  if (mix === 'me') return [{ method: 'GET', path: paths.page }]
  const page: MixRequest = { method: 'GET', path: paths.page, session: 'send' }
  return [
    { method: 'POST', path: paths.login, body: { user: 'saturating' }, session: 'take' },
    ...Array.from({ length: requestsPerLogin - 1 }, () => page),
  ]
}

/**
 * Sends requests to all clusters in turn, in random order each time round, so that whatever disturbs
 * the machine falls on all alike and none is always the first. One that drops out has no window.
 * @param ratePerSecond for each cluster
 */
export async function pacedWindows(
  subjects: readonly Subject[],
  mix: Mix,
  durationMs: number,
  ratePerSecond: number,
  { attempt, random, signal }: Pick<TrialContext, 'attempt' | 'random' | 'signal'>,
): Promise<CostWindow[]> {
  const readAll = () => Promise.all(subjects.map(({ cluster }) => attempt(cluster, () => readCpu(cluster))))
  const seen = subjects.map(() => ({
    answered: 0,
    recognised: 0,
    failed: 0,
    answeredAsAnother: 0,
    latencies: new Latencies(),
  }))
  const cpuBefore = await readAll()
  const machineBefore = readMachineCpu()
  const audit = startAudit()
  const startedAt = performance.now()
  let order: number[] = []
  const turn: number[] = []
  const generatorRequests = await runPaced(
    {
      ratePerSecond: ratePerSecond * subjects.length,
      until: AbortSignal.any([signal, AbortSignal.timeout(durationMs)]),
    },
    async (index) => {
      if (order.length === 0) order = random.shuffle(subjects.map((_, at) => at))
      const at = order.pop()!
      turn[index] = at
      const { cluster, users, paths } = subjects[at]!
      // Drawn, not taken in turn: a user in a fixed place of the sequence would always meet the same replica.
      const { browser, name } = users[random.int(users.length)]!
      // By somebody new, as in the saturated mix: a user's own login would end the session of a page under way.
      const isLogin = mix === 'login' && random.int(requestsPerLogin) === 0
      return attempt(cluster, async () => {
        const reply = isLogin
          ? await browser.stranger().post(paths.login, { user: name })
          : await browser.get(paths.page)
        return outcomeOf(reply, name)
      })
    },
    ({ index, result, intendedAtMs, endedAtMs }) => {
      if (result === undefined) return // it has dropped out
      const counts = seen[turn[index]!]!
      counts.latencies.record(endedAtMs - intendedAtMs)
      if (result === 'failed') counts.failed += 1
      else counts.answered += 1
      if (result === 'ok') counts.recognised += 1
      if (result === 'answered-as-another') counts.answeredAsAnother += 1
    },
    (lagMs) => audit.sent(lagMs),
  )
  const elapsedMs = performance.now() - startedAt
  const generator = audit.finish()
  const cpuAfter = await readAll()
  const machine = machineCpuBetween(machineBefore, readMachineCpu())
  signal.throwIfAborted()
  return subjects.flatMap(({ name }, at) => {
    const { latencies, ...counts } = seen[at]!
    const [before, after] = [cpuBefore[at], cpuAfter[at]]
    if (before === undefined || after === undefined) return []
    return {
      strategy: name,
      kind: 'paced' as const,
      mix,
      round: 0,
      elapsedMs,
      ...counts,
      latency: latencies.summary(),
      spanMs: elapsedMs,
      cpuMicros: cpuBetween(before, after),
      machine,
      generator,
      generatorRequests,
    }
  })
}
