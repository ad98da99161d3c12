/** One run, from the plan to the judged summary: start clusters, put the experiments to them, save, judge. */
import { type Driver, nameOf } from './cluster/cluster.ts'
import { isAbort, messageOf } from './errors.ts'
import type { Plan, TrialSpec } from './experiments/experiment.ts'
import type { AnyExperiment } from './experiments/index.ts'
import { judgeRun } from './judge.ts'
import type { Progress } from './progress.ts'
import { createRunFolder, newRunId, type RunFolder, readRun } from './record/folder.ts'
import { provenance } from './record/provenance.ts'
import { type RunRecord, type StrategyFailure, schemaVersion, type TrialRecord } from './record/run-record.ts'
import type { Summary } from './record/summary.ts'
import { renderMarkdown } from './report/markdown.ts'
import { type Companionable, sideBySide } from './schedule.ts'
import { seededRandom } from './stats/random.ts'
import { openStopwatch, type Stopwatch } from './stopwatch.ts'
import { observeTrial, TrialFailed } from './trial.ts'

/** What to run, on what, and where the results go. */
export interface RunRequest {
  readonly plan: Plan
  readonly experiments: readonly AnyExperiment[]
  readonly seed: number
  readonly out: string
  readonly argv: readonly string[]
}

/** What a run left behind. */
export interface RunResult {
  /** The folder of the run. */
  readonly path: string
  readonly record: RunRecord
  readonly summary: Summary
  /** Why the run is partial; `null` when it is complete. */
  readonly failure: unknown
}

/** A trial and the experiment it belongs to. */
interface Task extends Companionable {
  readonly experiment: AnyExperiment
  readonly spec: TrialSpec
}

/**
 * All trials of a run, in order; of an experiment, those that can run beside others before those that cannot, and the longest
 * first, so that it is not waited for alone in the end.
 */
export function planTrials({ plan, experiments }: Pick<RunRequest, 'plan' | 'experiments'>): Task[] {
  const only = experiments.length === 1
  return experiments.flatMap((experiment) =>
    experiment
      .trials(plan, only)
      .map((spec) => ({
        experiment,
        spec,
        key: `${experiment.name}/${spec.id}`,
        sideBySide: spec.sideBySide,
      }))
      .sort((one, other) => other.sideBySide - one.sideBySide || other.spec.expectedMs - one.spec.expectedMs),
  )
}

/**
 * Runs everything that was asked for. A trial that fails by the fault of what it measures is recorded, and the others
 * go on; an interruption, or what concerns every trial, ends the run early: it then says so and keeps every trial that
 * was finished.
 */
export async function run(
  request: RunRequest,
  driver: Driver,
  progress: Progress,
  signal: AbortSignal,
): Promise<RunResult> {
  const tasks = planTrials(request)
  const startedAt = new Date()
  const clock = performance.now()
  const measuring = openStopwatch()
  let record = newRecord(request, driver, tasks.length, startedAt)
  const folder = createRunFolder(request.out, record.id, () =>
    progress.note(`${folder.path} was removed while the run goes on; it was made again, for what is to come`),
  )
  folder.writeRun(record)

  const trials = new Map<string, TrialRecord>()
  const save = (change: Partial<RunRecord>) => {
    const inOrder = tasks.flatMap(({ key }) => trials.get(key) ?? [])
    const timing = { wallMs: performance.now() - clock, measuringMs: measuring.elapsedMs }
    record = { ...record, ...change, trials: inOrder, timing, harnessPeakBytes: peakBytes() }
    folder.writeRun(record)
  }
  const finished = (key: string, trial: TrialRecord) => {
    trials.set(key, trial)
    save({})
  }

  let failure: unknown = null
  try {
    await sideBySide(tasks, signal, (task, taskSignal, beside) =>
      runTrial(task, { request, driver, folder, progress, measuring, clock, beside, finished }, taskSignal),
    )
  } catch (error) {
    failure = error
  }
  folder.keep()
  const lost = [...trials].filter(
    ([, { status, experiment, id }]) => status === 'done' && !folder.hasTrial(experiment, id),
  )
  for (const [key, trial] of lost) trials.set(key, { ...trial, status: 'lost' })
  const reasons = failure === null ? [] : [isAbort(failure) ? 'interrupted' : messageOf(failure)]
  if (lost.length > 0) {
    const trials = lost.length === 1 ? 'trial was' : 'trials were'
    reasons.push(`${lost.length} finished ${trials} removed from ${folder.path} during the run`)
    failure ??= new Error(reasons.join('; '))
  }
  save({ status: failure === null ? 'complete' : 'partial', reason: reasons.join('; ') })

  const summary = judgeRun(folder.path)
  folder.writeSummary(summary)
  const written = readRun(folder.path) // as it is to be read from now on: checked, and its texts made harmless
  folder.writeText('summary.md', renderMarkdown(written, summary))
  return { path: folder.path, record: written, summary, failure }
}

interface TrialEnvironment {
  readonly request: RunRequest
  readonly driver: Driver
  readonly folder: RunFolder
  readonly progress: Progress
  readonly measuring: Stopwatch
  readonly clock: number
  readonly beside: () => readonly string[]
  finished(key: string, trial: TrialRecord): void
}

async function runTrial(
  { experiment, spec, key }: Task,
  environment: TrialEnvironment,
  signal: AbortSignal,
): Promise<void> {
  const { request, driver, folder, progress, measuring, clock } = environment
  const startedMs = performance.now() - clock
  const ended = (status: TrialRecord['status'], failures: readonly StrategyFailure[]) => {
    for (const { strategy, reason } of failures) progress.note(`${strategy} failed in ${key}: ${reason}`)
    environment.finished(key, {
      experiment: experiment.name,
      id: spec.id,
      strategies: spec.clusters.map(nameOf),
      status,
      failures: [...failures],
      beside: [...environment.beside()],
      startedMs,
      endedMs: performance.now() - clock,
    })
  }
  let noResult = true
  progress.begin(key, `${experiment.name}: ${spec.label}`, spec.expectedMs)
  try {
    progress.say(key, 'start')
    const { raw, failures } = await observeTrial(experiment, spec, driver, {
      plan: request.plan,
      random: seededRandom(seedOf(request.seed, key)),
      signal,
      beside: environment.beside,
      say: (what) => progress.say(key, what),
      measure: (work) => measuring.during(work),
    })
    folder.writeTrial(experiment.name, spec.id, raw, experiment.raw)
    ended('done', failures)
    noResult = false
  } catch (error) {
    if (!(error instanceof TrialFailed)) {
      ended('interrupted', [])
      throw error
    }
    ended('failed', error.failures)
  } finally {
    progress.end(key, noResult)
  }
}

function newRecord(request: RunRequest, driver: Driver, plannedTrials: number, startedAt: Date): RunRecord {
  const { plan, experiments, seed, argv } = request
  const { versions, ...origin } = provenance()
  return {
    schemaVersion,
    id: newRunId(startedAt),
    startedAt: startedAt.toISOString(),
    argv: [...argv],
    status: 'running',
    reason: '',
    seed,
    preset: plan.preset,
    replicas: plan.replicas,
    users: plan.users ?? null,
    driver: driver.name,
    strategies: plan.strategies.map(({ name, summary, needs }) => ({ name, summary, needs: [...needs] })),
    experiments: experiments.map(({ name }) => name),
    versions: { ...versions, ...driver.versions },
    ...origin,
    plannedTrials,
    trials: [],
    timing: { wallMs: 0, measuringMs: 0 },
    harnessPeakBytes: peakBytes(),
  }
}

/** `maxRSS` is in kibibytes on every system Node runs on. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024
}

/** A seed of its own for each trial: 32-bit FNV-1a of the trial's key, mixed with the run's seed. */
function seedOf(seed: number, key: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return (seed ^ hash) >>> 0
}
