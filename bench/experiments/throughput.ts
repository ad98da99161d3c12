/** Experiment: what does each strategy cost per request, in throughput, latency, CPU time and memory? */
import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import { memoryPerReplica } from '../cluster/usage.ts'
import { Browser, openConnections } from '../load/browser.ts'
import { logIn } from '../load/users.ts'
import { judgeCosts } from './cost-judge.ts'
import { costWindow, mixNames, pacedWindows, type Subject, saturatedWindow } from './cost-window.ts'
import type { Experiment, Preset, TrialContext } from './experiment.ts'

interface Settings {
  /** Each trial is a fresh set of clusters: processes differ from birth. */
  readonly trials: number
  readonly users: number
  /** Discarded load on all clusters at once before anything is measured. */
  readonly warmupMs: number
  /** Saturating windows per cluster and mix; the order of the clusters is reversed from round to round. */
  readonly rounds: number
  readonly windowMs: number
  /** The paced window of each mix, all clusters at once, and the rate for each of them. */
  readonly pacedMs: number
  readonly ratePerSecond: number
}

const settingsOf: Record<Preset, Settings> = {
  quick: {
    trials: 1,
    users: 24,
    warmupMs: 800,
    rounds: 1,
    windowMs: 200,
    pacedMs: 600,
    ratePerSecond: 100,
  },
  default: {
    trials: 3,
    users: 24,
    warmupMs: 2_500,
    rounds: 1,
    windowMs: 400,
    pacedMs: 1_600,
    ratePerSecond: 100,
  },
  thorough: {
    trials: 8,
    users: 60,
    warmupMs: 12_000,
    rounds: 4,
    windowMs: 1_000,
    pacedMs: 8_000,
    ratePerSecond: 100,
  },
}

const raw = z.strictObject({
  /** The name under which the control's windows stand. */
  control: z.string(),
  windows: z.array(costWindow),
  /** Resident memory at the end. */
  memory: z.array(z.strictObject({ strategy: z.string(), bytesPerReplica: z.number().nullable() })),
})
type Raw = z.infer<typeof raw>

export const throughput: Experiment<Raw> = {
  name: 'throughput',
  question: 'What does each strategy cost per request, beside the same app without sessions?',
  raw,

  trials(plan) {
    const settings = settingsOf[plan.preset]
    const clusters = [plan.control, ...plan.strategies].map((strategy) => ({
      strategy,
      replicas: plan.replicas,
    }))
    const windowsMs =
      mixNames.length * (settings.pacedMs + clusters.length * settings.rounds * settings.windowMs)
    return Array.from({ length: settings.trials }, (_, index) => ({
      id: `trial-${index + 1}`,
      label: `trial ${index + 1} of ${settings.trials}`,
      clusters,
      sideBySide: 1,
      expectedMs: 3_000 + settings.warmupMs + windowsMs,
    }))
  },

  async trial(_spec, clusters, context) {
    const { plan, say, signal } = context
    const settings = {
      ...settingsOf[plan.preset],
      ...(plan.users === undefined ? {} : { users: plan.users }),
    }
    await using open = new AsyncDisposableStack()
    const subjects = await Promise.all(
      clusters.map(async (cluster): Promise<Subject> => {
        const connections = openConnections(cluster.entry)
        open.defer(() => connections.destroy())
        const isControl = cluster.spec.strategy.name === plan.control.name
        return {
          cluster,
          users: isControl
            ? Array.from({ length: settings.users }, () => ({
                name: 'control',
                browser: new Browser(connections, cluster.entry),
              }))
            : await logIn(connections, cluster.entry, 'user', settings.users, signal),
          paths: isControl ? { page: '/control', login: '/control' } : { page: '/me', login: '/login' },
        }
      }),
    )
    say('warm-up')
    await Promise.all(
      subjects.map(async (subject) => {
        for (const mix of mixNames) {
          await saturatedWindow(subject, mix, 0, settings.warmupMs / mixNames.length, signal)
        }
      }),
    )
    const windows = await context.measure(() => measureAll(subjects, settings, context))
    return { control: plan.control.name, windows, memory: await memoryOf(clusters) }
  },

  judge: judgeCosts,
}

async function measureAll(subjects: readonly Subject[], settings: Settings, context: TrialContext) {
  const { random, say, signal } = context
  const windows: Raw['windows'] = []
  let order = random.shuffle(subjects)
  for (const mix of mixNames) {
    say(`${mix}, paced`)
    windows.push(
      ...(await pacedWindows(subjects, mix, settings.pacedMs, settings.ratePerSecond, random, signal)),
    )
    for (let round = 1; round <= settings.rounds; round += 1) {
      for (const subject of order) {
        say(`${mix}, saturated, ${subject.cluster.spec.strategy.name}`)
        windows.push(await saturatedWindow(subject, mix, round, settings.windowMs, signal))
      }
      order = order.toReversed()
    }
  }
  return windows
}

async function memoryOf(clusters: readonly Cluster[]): Promise<Raw['memory']> {
  return Promise.all(
    clusters.map(async (cluster) => ({
      strategy: cluster.spec.strategy.name,
      bytesPerReplica: await memoryPerReplica(cluster),
    })),
  )
}
