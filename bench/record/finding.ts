/** One answer of an experiment: the flat rows of `summary.json`. Documented in results/README.md. */
import { z } from 'zod'

/** `unknown` is never a pass: it says that something could not be measured, and `note` says why. */
export const verdict = z.enum(['pass', 'fail', 'unknown'])

export const unit = z.enum(['share', 'count', 'ms', '1/s', 'ratio', 'µs', 'bytes'])
export type Unit = z.infer<typeof unit>

export const finding = z.strictObject({
  strategy: z.string().min(1),
  experiment: z.string().min(1),
  /** The fault, the number of replicas or the mix of requests. */
  case: z.string().min(1),
  metric: z.string().min(1),
  /** `null` when it could not be measured. */
  value: z.number().nullable(),
  unit,
  /** The 95 % interval; `null` where the value is exact or comes from a single trial. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  verdict,
  /** What a reader has to know about this value; empty when there is nothing to say. */
  note: z.string(),
})
export type Finding = z.infer<typeof finding>
