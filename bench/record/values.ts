/** What records are made of: names, texts and numbers, each with its bounds. A file from elsewhere is held to them as our own are. */
import { z } from 'zod'
import { clean } from '../text/clean.ts'

/** Of a strategy, an experiment, a case, a trial, a run: what may stand in a path, a table and a command line as it is. */
export const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)

/** Of a metric, with the part or the other strategy that it is about after a dot. */
export const metricName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)

/** As git writes it in full. */
export const commitId = z.string().regex(/^[0-9a-f]{7,64}$/)

const longestText = 64 * 1024

/** What people read: cleaned, and cut where nobody would read on. */
export const text = z.string().overwrite((whole) => clean(whole.slice(0, longestText)))

/** A duration, an amount, a ratio: whatever cannot be less than nothing. */
export const amount = z.number().nonnegative()

/** How many. */
export const count = z.number().int().nonnegative()

/** Of one thing at least. */
export const positiveCount = count.positive()

/** Of users: `--users` takes no more, and some of what is made of them takes room for each. */
export const userCount = count.max(100_000)

/** As `--seed` takes it. */
export const seed = count.max(2 ** 32 - 1)

/** By name. */
export function byName<Value extends z.ZodType>(value: Value) {
  return z.record(metricName, value)
}
