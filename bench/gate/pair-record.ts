/** The raw observations of one fresh pair of clusters, as they are saved before anything is judged. */
import { z } from 'zod'
import { cpuByTier } from '../cluster/usage.ts'
import { generatorAudit } from '../load/audit.ts'
import { latencySummary } from '../load/latencies.ts'
import { warmUpRecord } from '../load/warm-up.ts'
import { amount, count, name } from '../record/values.ts'

/** One side at saturation for a moment. */
const saturatedWindow = z.strictObject({
  /** Answered by less than 500. */
  answered: count,
  failed: count,
  elapsedMs: amount,
  cpuMicros: cpuByTier,
  /** What the replicas' first threads used of it; `null` where the driver cannot tell threads apart. */
  replicaMainThreadMicros: amount.nullable(),
})
export type SaturatedWindow = z.infer<typeof saturatedWindow>

const sideOfPair = z
  .strictObject({
    /** Paced requests: all, those answered by less than 500, and of these those that recognised the user. */
    sent: count,
    answered: count,
    recognised: count,
    /** Of the answered ones, those that named another user. */
    answeredAsAnother: count,
    latency: latencySummary,
    /** Commands that the stores processed over the paced window; `null` where they cannot be asked, 0 without a store. */
    storeCommands: count.nullable(),
    /** Bytes between browsers and balancer over the paced window. */
    wire: z.strictObject({ sent: amount, received: amount }),
    /** Resident memory per replica after all windows; `null` where the system does not tell. */
    memoryBytesPerReplica: amount.nullable(),
    /** What was discarded before. */
    warmUp: warmUpRecord,
    /** Windows at saturation, round by round: where CPU time is taken. */
    saturated: z.array(saturatedWindow),
  })
  .refine(({ sent, answered }) => answered <= sent, 'more requests were answered than sent')
  .refine(
    ({ answered, recognised, answeredAsAnother }) => recognised + answeredAsAnother <= answered,
    'more answers were looked into than there were',
  )
export type SideOfPair = z.infer<typeof sideOfPair>

export const pairRecord = z.strictObject({
  strategy: name,
  /** From 0, for each strategy by itself. */
  index: count,
  order: z.enum(['base-first', 'head-first']),
  base: sideOfPair,
  head: sideOfPair,
  /** One generator serves both. */
  generator: generatorAudit,
  /** What the pair took: starting, warming up, measuring, stopping. */
  timing: z.strictObject({
    startMs: amount,
    warmUpMs: amount,
    measureMs: amount,
    stopMs: amount,
  }),
})
export type PairRecord = z.infer<typeof pairRecord>
