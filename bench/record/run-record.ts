/** The shape of `run.json`: what was asked for, on what, and how it went. */
import { z } from 'zod'
import { presets } from '../experiments/experiment.ts'

/** Raised when a reader of older folders would misread newer ones. */
export const schemaVersion = 1

const trialRecord = z.strictObject({
  experiment: z.string(),
  id: z.string(),
  status: z.enum(['done', 'failed']),
  /** Why it failed; empty when it did not. */
  error: z.string(),
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
  /** `running` in a folder whose run was killed. `partial`: interrupted or failed; the finished trials are there. */
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
