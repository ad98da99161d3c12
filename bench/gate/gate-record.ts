/** The shape of `gate.json`: what was compared with what, how, and what came of it. Enough for every report. */
import { z } from 'zod'
import { busyMachine } from '../record/machine.ts'
import {
  amount,
  byName,
  commitId,
  count,
  metricName,
  name,
  positiveCount,
  seed,
  text,
} from '../record/values.ts'

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
  name: metricName,
  unit: z.enum(['µs', 'ms', 'bytes', '1/s', 'share', 'count', 'ratio']),
  worse: z.enum(['higher', 'lower']),
  tolerance: amount,
  verdict: gateVerdict,
  /** Geometric means over the pairs used. */
  base: amount,
  head: amount,
  /** head / base, and the range that holds the true ratio at all looks together; `null` before the first look. */
  ratio: amount,
  low: amount.nullable(),
  high: amount.nullable(),
  /** Standard deviation of the log ratios between pairs; `null` for a single pair. */
  spread: amount.nullable(),
  /** What a new gate would need to settle it; `null` when it is settled, or nothing would. */
  settledBy: z.strictObject({ pairs: count, verdict: z.enum(['worse', 'fine']) }).nullable(),
})
export type GateMetricRecord = z.infer<typeof metric>

const strategy = z.strictObject({
  name,
  /** `new`: only in head, nothing to compare with. `removed`: only in base. */
  status: z.enum(['compared', 'new', 'removed']),
  verdict: gateVerdict,
  /** What has to be known, such as why it is undecided; empty when there is nothing to say. */
  note: text,
  correctness: z.strictObject({
    compared: count,
    falls: z.array(
      z.strictObject({
        experiment: name,
        case: name,
        metric: metricName,
        base: amount.nullable(),
        head: amount.nullable(),
        note: text,
      }),
    ),
  }),
  pairs: count,
  metrics: z.array(metric),
})
export type GateStrategyRecord = z.infer<typeof strategy>

export const gateRecord = z
  .strictObject({
    schemaVersion: z.literal(gateSchemaVersion),
    id: name,
    startedAt: z.iso.datetime(),
    argv: z.array(text),
    seed,
    /** `null` for a baseline that does not tell. */
    base: z.strictObject({ commit: commitId.nullable(), described: text }),
    head: z.strictObject({ commit: commitId.nullable(), dirty: z.boolean().nullable() }),
    replicas: positiveCount,
    /** `null` where the number of pairs, not the time, was given. */
    maxTimeMs: amount.nullable(),
    versions: byName(text),
    machine: busyMachine,
    verdict: gateVerdict,
    strategies: z.array(strategy),
    timing: z.strictObject({ wallMs: amount, correctnessMs: amount, pairsMs: amount }),
  })
  .refine(
    ({ verdict, strategies }) => verdict === together(strategies.map((one) => one.verdict)),
    'the verdict does not follow from those of the strategies',
  )
export type GateRecord = z.infer<typeof gateRecord>
