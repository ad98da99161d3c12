/** What an experiment is: one question put to running clusters. How to add one: README.md beside this file. */
import type { z } from 'zod'
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import type { Cluster, ClusterSpec } from '../cluster/cluster.ts'
import type { Finding } from '../record/finding.ts'
import type { Random } from '../stats/random.ts'

/** How much is measured: each experiment says what a preset means for it. */
export const presets = ['quick', 'default', 'thorough'] as const
export type Preset = (typeof presets)[number]

/** What a run was asked for. */
export interface Plan {
  readonly strategies: readonly StrategyInfo[]
  /** The floor that costs are compared with; not one of `strategies`. */
  readonly control: StrategyInfo
  /** Replicas of each cluster; an experiment that varies the number goes up to this. */
  readonly replicas: number
  readonly preset: Preset
  /** Simulated users per cluster; absent: what the preset says. */
  readonly users?: number
}

/** One repetition of an experiment: the unit of statistics. */
export interface TrialSpec {
  /** Unique in its experiment, kebab-case: the name of the file that takes its raw observations. */
  readonly id: string
  /** What is measured, for the progress line. */
  readonly label: string
  /** The fresh clusters it needs, all up while it lasts. */
  readonly clusters: readonly ClusterSpec[]
  /**
   * How many trials, itself included and of whichever experiment, may go on at the same time: counts can be
   * taken beside other trials, timings cannot (1).
   */
  readonly sideBySide: number
  /** Roughly how long it takes, for the estimate of when a run ends. */
  readonly expectedMs: number
}

/** What a trial is given besides its clusters. */
export interface TrialContext {
  readonly plan: Plan
  /** Seeded by the run's seed and the trial's id: the same choices again in a repeated run. */
  readonly random: Random
  readonly signal: AbortSignal
  /** The other trials that have gone on at the same time so far, by name. */
  beside(): readonly string[]
  /** Says what is being done, for the progress line. */
  say(what: string): void
  /**
   * Does `work` with one of the trial's clusters. When it fails, or the cluster has lost a part, that cluster's strategy
   * drops out: the reason is recorded, and the trial goes on with the others. For trials with several clusters; one
   * that has a single cluster just throws. When the control drops out, or nobody else is left, the whole trial fails.
   * @returns `undefined` when the strategy has dropped out, now or before (then `work` is not done)
   * @throws what concerns all clusters alike
   */
  attempt<T>(cluster: Cluster, work: () => Promise<T>): Promise<T | undefined>
  /** Wraps what is measuring and not preparing, so that a run can tell how its time was spent. */
  measure<T>(work: () => Promise<T>): Promise<T>
}

/**
 * @typeParam Raw the observations of one trial, as they are saved before anything is judged
 * @typeParam Spec what the experiment has to know of a trial besides
 */
export interface Experiment<Raw = unknown, Spec extends TrialSpec = TrialSpec> {
  /** Kebab-case; equals the file name and what is typed on the command line. */
  readonly name: string
  readonly question: string
  /** The shape of `Raw` on disk. */
  readonly raw: z.ZodType<Raw>
  /**
   * The trials of a run, in order. Which strategies there are is all it may know of them.
   * @param only whether no other experiment is run, so that this one may take its time
   */
  trials(plan: Plan, only: boolean): Spec[]
  /**
   * @param clusters those of `spec` that have started, in its order: of several, a strategy whose cluster does not start
   *   is recorded and missing here
   * @throws when the trial cannot go on. What it measured is blamed for that, and the run goes on with other trials,
   *   unless the error is one of the environment
   */
  trial(spec: Spec, clusters: readonly Cluster[], context: TrialContext): Promise<Raw>
  /** Pure: runs again from disk, over the trials that were finished. */
  judge(trials: readonly Raw[]): Finding[]
}
