/** The shape of `gate.json`: what was compared with what, how, and what came of it. Enough for every report. */
import { z } from 'zod'

/** Raised when a reader of older files would misread newer ones. */
export const gateSchemaVersion = 1

export const gateVerdict = z.enum(['worse', 'fine', 'undecided'])
export type GateVerdict = z.infer<typeof gateVerdict>

/** Worse when any is, fine when all are. */
export function together(verdicts: readonly GateVerdict[]): GateVerdict {
  if (verdicts.includes('worse')) return 'worse'
  return verdicts.every((verdict) => verdict === 'fine') ? 'fine' : 'undecided'
}

const metric = z.strictObject({
  name: z.string(),
  unit: z.enum(['µs', 'ms', 'bytes', '1/s', 'share', 'count', 'ratio']),
  worse: z.enum(['higher', 'lower']),
  tolerance: z.number(),
  verdict: gateVerdict,
  /** Geometric means over the pairs used. */
  base: z.number(),
  head: z.number(),
  /** head / base, and the range that holds the true ratio at all looks together; `null` before the first look. */
  ratio: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Standard deviation of the log ratios between pairs; `null` for a single pair. */
  spread: z.number().nullable(),
  /** What a new gate would need to settle it; `null` when it is settled, or nothing would. */
  settledBy: z.strictObject({ pairs: z.number().int(), verdict: z.enum(['worse', 'fine']) }).nullable(),
})
export type GateMetricRecord = z.infer<typeof metric>

const strategy = z.strictObject({
  name: z.string(),
  /** `new`: only in head, nothing to compare with. `removed`: only in base. */
  status: z.enum(['compared', 'new', 'removed']),
  verdict: gateVerdict,
  /** What has to be known, such as why it is undecided; empty when there is nothing to say. */
  note: z.string(),
  correctness: z.strictObject({
    compared: z.number().int(),
    falls: z.array(
      z.strictObject({
        experiment: z.string(),
        case: z.string(),
        metric: z.string(),
        base: z.number().nullable(),
        head: z.number().nullable(),
        note: z.string(),
      }),
    ),
  }),
  pairs: z.number().int(),
  metrics: z.array(metric),
})
export type GateStrategyRecord = z.infer<typeof strategy>

export const gateRecord = z.strictObject({
  schemaVersion: z.literal(gateSchemaVersion),
  id: z.string(),
  startedAt: z.iso.datetime(),
  argv: z.array(z.string()),
  seed: z.number().int(),
  base: z.strictObject({ commit: z.string(), described: z.string() }),
  head: z.strictObject({ commit: z.string().nullable(), dirty: z.boolean().nullable() }),
  replicas: z.number().int(),
  /** `null` where the number of pairs, not the time, was given. */
  maxTimeMs: z.number().nullable(),
  versions: z.record(z.string(), z.string()),
  machine: z.strictObject({
    platform: z.string(),
    cpuModel: z.string(),
    cores: z.number().int(),
    memoryBytes: z.number(),
    loadBefore: z.number(),
  }),
  verdict: gateVerdict,
  strategies: z.array(strategy),
  timing: z.strictObject({ wallMs: z.number(), correctnessMs: z.number(), pairsMs: z.number() }),
})
export type GateRecord = z.infer<typeof gateRecord>
