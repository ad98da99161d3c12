/** One fault put to one cluster while users browse, rest and log in: what they saw, and which logins are known afterwards. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'undici'
import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import type { Fault } from '../cluster/faults.ts'
import { cpuBetween, cpuByTier, readCpu } from '../cluster/usage.ts'
import { generatorAudit, startAudit } from '../load/audit.ts'
import { Browser, outcomeOf } from '../load/browser.ts'
import { Latencies, latencySummary } from '../load/latencies.ts'
import { machineCpu, machineCpuBetween, readMachineCpu } from '../load/machine-cpu.ts'
import { runPaced } from '../load/paced.ts'
import { noCounts, outcomeCounts, TimelineRecorder, timeline } from '../load/timeline.ts'
import { checkLogins, logIn, loginState, type User } from '../load/users.ts'
import { amount, name, text, userCount } from '../record/values.ts'
import type { TrialContext } from './experiment.ts'

export const faultWindow = z
  .strictObject({
    fault: name,
    /** Users who had logged in before, those whom the same happened to together. */
    users: z.array(
      z.strictObject({
        count: userCount,
        /** Whether they browsed on. */
        active: z.boolean(),
        /** As their logins were found before the fault and after it. */
        before: loginState,
        after: loginState,
      }),
    ),
    /** Logins that were acknowledged since the browsing began and until the fault was over, as they were found after it. */
    newcomers: z.array(z.strictObject({ acknowledgedAtMs: amount, after: loginState })),
    /** How the requests for these logins were answered: `ok` is an acknowledged login. */
    loginRequests: outcomeCounts,
    /** When the fault began, and when every member it touched was ready again, after the browsing had begun. */
    faultAtMs: amount,
    readyAtMs: amount,
    /** Of the active users' requests. */
    timeline,
    /** Of those that were recognised, from when each was due: a fast error is no good latency. */
    okLatency: latencySummary,
    generator: generatorAudit,
    /** Who used the machine before the fault, while every member could still be asked: a machine at rest but for this load? */
    lull: z.strictObject({
      spanMs: amount,
      cpuMicros: cpuByTier,
      machine: machineCpu.nullable(),
      generator: generatorAudit,
    }),
    /** Trials that had gone on at the same time until the end of this window. */
    beside: z.array(text),
  })
  .refine(({ faultAtMs, readyAtMs }) => faultAtMs <= readyAtMs, 'the fault was over before it began')
export type FaultWindow = z.infer<typeof faultWindow>

/** The load that a fault meets. */
export interface FaultLoad {
  /** Logged in before; half of them browse, half are idle. */
  readonly users: number
  /** Of pages, over all who browse. */
  readonly ratePerSecond: number
  readonly loginsPerSecond: number
  /** Browsing before the fault and after it is over. */
  readonly beforeMs: number
  readonly afterMs: number
}

export async function observeFault(
  fault: Fault,
  cluster: Cluster,
  connections: Pool,
  load: FaultLoad,
  context: TrialContext,
): Promise<FaultWindow> {
  const { signal } = context
  const { replicas } = cluster.spec
  const users = await logIn(connections, cluster.entry, fault.name, load.users, signal)
  return context.measure(async () => {
    const before = await checkLogins(users, replicas, signal)
    const { newcomers, ...seen } = await underLoad(
      fault,
      cluster,
      users.filter(isActive),
      connections,
      load,
      context,
    )
    const after = await checkLogins(users, replicas, signal)
    const found = await checkLogins(
      newcomers.map(({ user }) => user),
      replicas,
      signal,
    )
    return {
      fault: fault.name,
      ...seen,
      users: together(
        users.map((_, at) => ({ active: isActive(_, at), before: before[at]!, after: after[at]! })),
      ),
      newcomers: newcomers.map(({ acknowledgedAtMs }, at) => ({ acknowledgedAtMs, after: found[at]! })),
      beside: [...context.beside()],
    }
  })
}

/** Equal ones once, with how many there are: ten thousand users differ in few ways. */
function together<T extends object>(all: readonly T[]): (T & { readonly count: number })[] {
  const alike = Map.groupBy(all, (one) => JSON.stringify(one))
  return [...alike.values()].map((those) => ({ count: those.length, ...those[0]! }))
}

function isActive(_user: User, index: number): boolean {
  return index % 2 === 0
}

/** Injects the fault while pages and logins are asked for. */
async function underLoad(
  fault: Fault,
  cluster: Cluster,
  active: readonly User[],
  connections: Pool,
  load: FaultLoad,
  { random, signal }: TrialContext,
) {
  const newcomers: { readonly user: User; readonly acknowledgedAtMs: number }[] = []
  const loginRequests = noCounts()
  const okLatencies = new Latencies()
  const isOver = new AbortController()
  const isEnough = new AbortController()
  const audit = startAudit()
  const startedAt = performance.now()
  const recorder = new TimelineRecorder(startedAt)
  const browsing = runPaced(
    { ratePerSecond: load.ratePerSecond, until: AbortSignal.any([isEnough.signal, signal]) },
    async () => {
      const user = active[random.int(active.length)]!
      return outcomeOf(await user.browser.get('/me'), user.name)
    },
    ({ result, intendedAtMs, endedAtMs }) => {
      recorder.record(result, endedAtMs)
      if (result === 'ok') okLatencies.record(endedAtMs - intendedAtMs)
    },
    (lagMs) => audit.sent(lagMs),
  )
  const loggingIn = runPaced(
    {
      ratePerSecond: load.loginsPerSecond,
      until: AbortSignal.any([isOver.signal, isEnough.signal, signal]),
    },
    async (index) => {
      const user = { name: `${fault.name}-new-${index}`, browser: new Browser(connections, cluster.entry) }
      const reply = await user.browser.post('/login', { user: user.name })
      return { user, outcome: outcomeOf(reply, user.name) }
    },
    ({ result: { user, outcome }, endedAtMs }) => {
      loginRequests[outcome] += 1
      if (outcome === 'ok') newcomers.push({ user, acknowledgedAtMs: endedAtMs - startedAt })
    },
    (lagMs) => audit.sent(lagMs),
  )
  const loadEnded = Promise.allSettled([browsing, loggingIn])
  let lull: FaultWindow['lull']
  let faultAtMs: number
  let readyAtMs: number
  try {
    lull = await watchMachine(cluster, () => sleep(load.beforeMs, undefined, { signal }))
    faultAtMs = performance.now() - startedAt
    await fault.inject(cluster, signal)
    readyAtMs = performance.now() - startedAt
    isOver.abort()
    await sleep(load.afterMs, undefined, { signal })
  } finally {
    isEnough.abort()
    await loadEnded
  }
  for (const end of await loadEnded) if (end.status === 'rejected') throw end.reason
  return {
    newcomers,
    loginRequests,
    faultAtMs,
    readyAtMs,
    timeline: recorder.finish(performance.now()),
    okLatency: okLatencies.summary(),
    generator: audit.finish(),
    lull,
  }
}

/** Who uses the machine while `meanwhile` goes on. */
async function watchMachine(cluster: Cluster, meanwhile: () => Promise<void>): Promise<FaultWindow['lull']> {
  const audit = startAudit()
  const machineBefore = readMachineCpu()
  const startedAt = performance.now()
  const cpuBefore = await readCpu(cluster)
  await meanwhile()
  const cpuMicros = cpuBetween(cpuBefore, await readCpu(cluster))
  return {
    spanMs: performance.now() - startedAt,
    cpuMicros,
    machine: machineCpuBetween(machineBefore, readMachineCpu()),
    generator: audit.finish(),
  }
}
