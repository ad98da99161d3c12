/** The raw observations of one fresh pair of clusters, as they are saved before anything is judged. */
import { z } from 'zod'
import { cpuByTier } from '../cluster/usage.ts'
import { generatorAudit } from '../load/audit.ts'
import { latencySummary } from '../load/latencies.ts'
import { warmUpRecord } from '../load/warm-up.ts'

/** One side at saturation for a moment. */
const saturatedWindow = z.strictObject({
  /** Answered by less than 500. */
  answered: z.number().int(),
  failed: z.number().int(),
  elapsedMs: z.number(),
  cpuMicros: cpuByTier,
  /** What the replicas' first threads used of it; `null` where the driver cannot tell threads apart. */
  replicaMainThreadMicros: z.number().nullable(),
})
export type SaturatedWindow = z.infer<typeof saturatedWindow>

const sideOfPair = z.strictObject({
  /** Paced requests: all, those answered by less than 500, and of these those that recognised the user. */
  sent: z.number().int(),
  answered: z.number().int(),
  recognised: z.number().int(),
  /** Of the answered ones, those that named another user. */
  answeredAsAnother: z.number().int(),
  latency: latencySummary,
  /** Commands that the stores processed over the paced window; `null` where they cannot be asked, 0 without a store. */
  storeCommands: z.number().int().nullable(),
  /** Bytes between browsers and balancer over the paced window. */
  wire: z.strictObject({ sent: z.number(), received: z.number() }),
  /** Resident memory per replica after all windows; `null` where the system does not tell. */
  memoryBytesPerReplica: z.number().nullable(),
  /** What was discarded before. */
  warmUp: warmUpRecord,
  /** Windows at saturation, round by round: where CPU time is taken. */
  saturated: z.array(saturatedWindow),
})
export type SideOfPair = z.infer<typeof sideOfPair>

export const pairRecord = z.strictObject({
  strategy: z.string(),
  /** From 0, for each strategy by itself. */
  index: z.number().int(),
  order: z.enum(['base-first', 'head-first']),
  base: sideOfPair,
  head: sideOfPair,
  /** One generator serves both. */
  generator: generatorAudit,
  /** What the pair took: starting, warming up, measuring, stopping. */
  timing: z.strictObject({
    startMs: z.number(),
    warmUpMs: z.number(),
    measureMs: z.number(),
    stopMs: z.number(),
  }),
})
export type PairRecord = z.infer<typeof pairRecord>
