/** The shape of `run.json`: what was asked for, on what, and how it went. */
import { z } from 'zod'
import { presets } from '../experiments/experiment.ts'
import { busyMachine } from './machine.ts'
import { amount, byName, commitId, count, name, positiveCount, seed, text, userCount } from './values.ts'

/** Raised when a reader of older folders would misread newer ones. */
export const schemaVersion = 2

/** Why a strategy could not be measured in a trial. */
const strategyFailure = z.strictObject({ strategy: name, reason: text })
export type StrategyFailure = z.infer<typeof strategyFailure>

const trialRecord = z.strictObject({
  experiment: name,
  id: name,
  /** Those it was to measure, the control among them. */
  strategies: z.array(name),
  /**
   * `done`: its observations are there. `failed`: there are none, by the fault of what it measured. `interrupted`: there
   * are none, because the run ended (see the run's reason). `lost`: there were, and somebody removed them during the run.
   */
  status: z.enum(['done', 'failed', 'interrupted', 'lost']),
  /** Those that could not go on: all of them in a failed trial; in one that is done, those it went on without. */
  failures: z.array(strategyFailure),
  /** Trials that were under way at the same time for at least a while. */
  beside: z.array(text),
  startedMs: amount,
  endedMs: amount,
})
export type TrialRecord = z.infer<typeof trialRecord>

export const runRecord = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  id: name,
  startedAt: z.iso.datetime(),
  argv: z.array(text),
  /**
   * `running` in a folder whose run was killed. `partial`: interrupted or failed; the finished trials are there.
   * `complete`: every trial was run, which does not say that none failed.
   */
  status: z.enum(['running', 'complete', 'partial']),
  /** Why a run is partial. */
  reason: text,
  seed,
  preset: z.enum(presets),
  replicas: positiveCount,
  /** `null`: as the preset says. */
  users: userCount.nullable(),
  driver: name,
  strategies: z.array(z.strictObject({ name, summary: text, needs: z.array(name) })),
  experiments: z.array(name),
  /** Of everything that took part, by name. */
  versions: byName(text),
  commit: commitId.nullable(),
  /** Whether the working tree had changes; `null` when there is no git. */
  dirty: z.boolean().nullable(),
  machine: busyMachine,
  /** Trials planned, for telling how much of a partial run is there. */
  plannedTrials: count,
  trials: z
    .array(trialRecord)
    .refine(
      (trials) => new Set(trials.map(({ experiment, id }) => `${experiment}/${id}`)).size === trials.length,
      {
        error: 'the same trial is listed more than once',
      },
    ),
  /** `measuring`: when at least one trial was measuring and not preparing. */
  timing: z.strictObject({ wallMs: amount, measuringMs: amount }),
  /** The most memory the harness itself has held, in bytes. */
  harnessPeakBytes: count,
})
export type RunRecord = z.infer<typeof runRecord>
