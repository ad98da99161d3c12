/** One answer of an experiment: the flat rows of `summary.json`. Documented in results/README.md. */
import { z } from 'zod'
import { amount, metricName, name, text } from './values.ts'

/** `unknown` is never a pass: it says that something could not be measured, and `note` says why. */
export const verdict = z.enum(['pass', 'fail', 'unknown'])

export const unit = z.enum(['share', 'count', 'ms', '1/s', 'ratio', 'µs', 'bytes'])
export type Unit = z.infer<typeof unit>

/** No metric is of a kind that could be less than nothing. */
export const finding = z
  .strictObject({
    strategy: name,
    experiment: name,
    /** The fault, the number of replicas or the mix of requests. */
    case: name,
    metric: metricName,
    /** `null` when it could not be measured. */
    value: amount.nullable(),
    unit,
    /** The 95 % interval; `null` where the value is exact or comes from a single trial. */
    low: amount.nullable(),
    high: amount.nullable(),
    verdict,
    /** What a reader has to know about this value; empty when there is nothing to say. */
    note: text,
  })
  .refine(({ low, high }) => low === null || high === null || low <= high, 'low is above high')
export type Finding = z.infer<typeof finding>
