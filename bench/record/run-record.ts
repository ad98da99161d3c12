/** The shape of `run.json`: what was asked for, on what, and how it went. */
import { z } from 'zod'
import { presets } from '../experiments/experiment.ts'

/** Raised when a reader of older folders would misread newer ones. */
export const schemaVersion = 2

/** Why a strategy could not be measured in a trial. */
const strategyFailure = z.strictObject({ strategy: z.string(), reason: z.string() })
export type StrategyFailure = z.infer<typeof strategyFailure>

const trialRecord = z.strictObject({
  experiment: z.string(),
  id: z.string(),
  /** Those it was to measure, the control among them. */
  strategies: z.array(z.string()),
  /**
   * `done`: its observations are there. `failed`: there are none, by the fault of what it measured. `interrupted`: there
   * are none, because the run ended (see the run's reason). `lost`: there were, and somebody removed them during the run.
   */
  status: z.enum(['done', 'failed', 'interrupted', 'lost']),
  /** Those that could not go on: all of them in a failed trial; in one that is done, those it went on without. */
  failures: z.array(strategyFailure),
  /** Trials that were under way at the same time for at least a while. */
  beside: z.array(z.string()),
  startedMs: z.number(),
  endedMs: z.number(),
})
export type TrialRecord = z.infer<typeof trialRecord>

export const runRecord = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  id: z.string(),
  startedAt: z.iso.datetime(),
  argv: z.array(z.string()),
  /**
   * `running` in a folder whose run was killed. `partial`: interrupted or failed; the finished trials are there.
   * `complete`: every trial was run, which does not say that none failed.
   */
  status: z.enum(['running', 'complete', 'partial']),
  /** Why a run is partial. */
  reason: z.string(),
  seed: z.number().int(),
  preset: z.enum(presets),
  replicas: z.number().int(),
  /** `null`: as the preset says. */
  users: z.number().int().nullable(),
  driver: z.string(),
  strategies: z.array(z.strictObject({ name: z.string(), summary: z.string(), needs: z.array(z.string()) })),
  experiments: z.array(z.string()),
  /** Of everything that took part, by name. */
  versions: z.record(z.string(), z.string()),
  commit: z.string().nullable(),
  /** Whether the working tree had changes; `null` when there is no git. */
  dirty: z.boolean().nullable(),
  machine: z.strictObject({
    platform: z.string(),
    cpuModel: z.string(),
    cores: z.number().int(),
    memoryBytes: z.number(),
    /** Processes ready to run, averaged over the last minute, when the run began. */
    loadBefore: z.number(),
  }),
  /** Trials planned, for telling how much of a partial run is there. */
  plannedTrials: z.number().int(),
  trials: z.array(trialRecord),
  /** `measuring`: when at least one trial was measuring and not preparing. */
  timing: z.strictObject({ wallMs: z.number(), measuringMs: z.number() }),
  /** The most memory the harness itself has held, in bytes. */
  harnessPeakBytes: z.number(),
})
export type RunRecord = z.infer<typeof runRecord>
