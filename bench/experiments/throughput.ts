/** Experiment: what does each strategy cost per request, in throughput, latency, CPU time and memory? */
import { z } from 'zod'
import { type Cluster, nameOf } from '../cluster/cluster.ts'
import { memoryPerReplica } from '../cluster/usage.ts'
import { Browser, openConnections } from '../load/browser.ts'
import { logIn } from '../load/users.ts'
import { type WarmUpChunk, type WarmUpLimits, warmUp, warmUpRecord } from '../load/warm-up.ts'
import { amount, name, positiveCount } from '../record/values.ts'
import { judgeCosts } from './cost-judge.ts'
import { costWindow, type Mix, mixNames, pacedWindows, type Subject, saturatedWindow } from './cost-window.ts'
import type { Experiment, Preset, TrialContext } from './experiment.ts'

interface Settings {
  /** Each trial is a fresh set of clusters: processes differ from birth. */
  readonly trials: number
  readonly users: number
  /** Requests per replica before anything is measured. */
  readonly warmUp: WarmUpLimits
  /** Rounds of saturated windows, one for each cluster, in random order; a mix that has none is not asked for. */
  readonly rounds: Readonly<Record<Mix, number>>
  readonly windowMs: number
  /**
   * The paced window of each mix, all clusters at once, and the rate for each of them: low enough that the generator can
   * be on time (`pacer.ts`).
   */
  readonly pacedMs: number
  readonly ratePerSecond: number
}

const settingsOf: Record<Preset, Settings> = {
  // Too short to get warm: it shows that everything works, and its costs get no verdict.
  quick: {
    trials: 1,
    users: 24,
    warmUp: { chunk: 200, least: 200, most: 200 },
    rounds: { me: 1, login: 1 },
    windowMs: 100,
    pacedMs: 600,
    ratePerSecond: 60,
  },
  default: {
    trials: 3,
    users: 24,
    warmUp: { chunk: 1_500, least: 15_000, most: 15_000 },
    rounds: { me: 28, login: 0 },
    windowMs: 120,
    pacedMs: 4_000,
    ratePerSecond: 60,
  },
  thorough: {
    trials: 8,
    users: 60,
    warmUp: { chunk: 2_000, least: 20_000, most: 40_000 },
    rounds: { me: 24, login: 8 },
    windowMs: 120,
    pacedMs: 8_000,
    ratePerSecond: 60,
  },
}

/**
 * What a request costs is a property of the process, not of how many there are; two are enough to have the balancer choose,
 * and each one more takes as long to get warm (`selfbench --only costs` compares ratios on two with those of wrk on three).
 */
const mostReplicas = 2

const raw = z.strictObject({
  /** The names under which the windows of the control and of its twin stand. */
  control: name,
  twin: name,
  /** Of each cluster. */
  replicas: positiveCount,
  warmUp: z.array(z.strictObject({ strategy: name, ...warmUpRecord.shape })),
  windows: z.array(costWindow),
  /** Resident memory at the end. */
  memory: z.array(z.strictObject({ strategy: name, bytesPerReplica: amount.nullable() })),
})
type Raw = z.infer<typeof raw>

export const throughput: Experiment<Raw> = {
  name: 'throughput',
  question: 'What does each strategy cost per request, beside the same app without sessions?',
  raw,

  trials(plan) {
    const settings = settingsOf[plan.preset]
    const replicas = Math.min(mostReplicas, plan.replicas)
    const { control, strategies } = plan
    const clusters = [
      { strategy: control, replicas },
      { strategy: control, replicas, as: twinOf(control.name) },
      ...strategies.map((strategy) => ({ strategy, replicas })),
    ]
    return Array.from({ length: settings.trials }, (_, index) => ({
      id: `trial-${index + 1}`,
      label: `trial ${index + 1} of ${settings.trials}`,
      clusters,
      sideBySide: 1,
      expectedMs: expectedMs(settings, clusters.length, replicas),
    }))
  },

  async trial(spec, clusters, context) {
    const { plan, random, say, signal } = context
    const preset = settingsOf[plan.preset]
    const settings = { ...preset, users: plan.users ?? preset.users }
    await using open = new AsyncDisposableStack()
    const opened = await Promise.all(
      clusters.map((cluster) =>
        context.attempt(cluster, () => openSubject(cluster, plan.control.name, settings.users, open, signal)),
      ),
    )
    const subjects = opened.filter((subject) => subject !== undefined)
    say('warm-up')
    const warmth = await warmUp(
      subjects.map((subject) => ({
        replicas: subject.cluster.spec.replicas,
        load: async (durationMs) =>
          (await context.attempt(subject.cluster, () =>
            warmingLoad(subject, settings.rounds.login > 0, durationMs, signal),
          )) ?? nothing,
      })),
      settings.warmUp,
      random,
      signal,
    )
    const windows = await context.measure(() => measureAll(subjects, settings, context))
    return {
      control: plan.control.name,
      twin: twinOf(plan.control.name),
      replicas: spec.clusters[0]?.replicas ?? 0,
      warmUp: warmth.map((record, at) => ({ strategy: subjects[at]!.name, ...record })),
      windows,
      memory: await memoryOf(subjects, context),
    }
  },

  judge: judgeCosts,
}

/** A second cluster of the control, treated as if it were a strategy: its distance from the control is the noise floor. */
const twinOf = (control: string) => `${control}-twin`

async function openSubject(
  cluster: Cluster,
  control: string,
  users: number,
  open: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Subject> {
  const { strategy } = cluster.spec
  const name = nameOf(cluster.spec)
  const connections = open.use(openConnections(cluster.entry, signal))
  return strategy.name === control
    ? {
        name,
        cluster,
        users: Array.from({ length: users }, () => ({
          name: 'control',
          browser: new Browser(connections, cluster.entry),
        })),
        paths: { page: '/control', login: '/control' },
      }
    : {
        name,
        cluster,
        users: await logIn(connections, cluster.entry, 'user', users, signal),
        paths: { page: '/me', login: '/login' },
      }
}

/** What comes of a cluster that has dropped out. */
const nothing: WarmUpChunk = { requests: 0, elapsedMs: 0, cpuMicros: null }

/** Pages, whose cost tells how warm a cluster is, and then, if they are asked for, logins for a while. */
async function warmingLoad(
  subject: Subject,
  logins: boolean,
  durationMs: number,
  signal: AbortSignal,
): Promise<WarmUpChunk> {
  const { elapsedMs, answered, failed, cpuMicros } = await saturatedWindow(
    subject,
    'me',
    0,
    durationMs,
    signal,
  )
  if (logins) await saturatedWindow(subject, 'login', 0, durationMs * loginShareOfWarmUp, signal)
  return { requests: answered + failed, elapsedMs, cpuMicros: cpuMicros.replica }
}

const loginShareOfWarmUp = 0.15

/** By request, on a machine of two cores that does some 10,000 a second. */
function expectedMs(
  { warmUp: { least }, rounds, windowMs, pacedMs }: Settings,
  clusters: number,
  replicas: number,
) {
  const startMs = 2_000
  const warmUpMs = (clusters * replicas * least) / 10
  const windowsMs = clusters * (rounds.me + rounds.login) * (windowMs + 5)
  return startMs + warmUpMs + windowsMs + mixNames.filter((mix) => rounds[mix] > 0).length * pacedMs
}

async function measureAll(subjects: readonly Subject[], settings: Settings, context: TrialContext) {
  const { attempt, random, say, signal } = context
  const windows: Raw['windows'] = []
  for (const mix of mixNames.filter((name) => settings.rounds[name] > 0)) {
    say(`${mix}, saturated`)
    for (let round = 1; round <= settings.rounds[mix]; round += 1) {
      for (const subject of random.shuffle(subjects)) {
        const window = await attempt(subject.cluster, () =>
          saturatedWindow(subject, mix, round, settings.windowMs, signal),
        )
        if (window !== undefined) windows.push(window)
      }
    }
    say(`${mix}, paced`)
    windows.push(...(await pacedWindows(subjects, mix, settings.pacedMs, settings.ratePerSecond, context)))
  }
  return windows
}

async function memoryOf(subjects: readonly Subject[], { attempt }: TrialContext): Promise<Raw['memory']> {
  return Promise.all(
    subjects.map(async ({ name, cluster }) => ({
      strategy: name,
      bytesPerReplica: (await attempt(cluster, () => memoryPerReplica(cluster))) ?? null,
    })),
  )
}
