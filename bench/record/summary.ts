/** The shape of `summary.json`: the judged findings of a run. Documented in results/README.md. */
import { z } from 'zod'
import { finding } from './finding.ts'
import { schemaVersion } from './run-record.ts'
import { name } from './values.ts'

export const summary = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  run: name,
  status: z.enum(['complete', 'partial']),
  findings: z.array(finding),
})
export type Summary = z.infer<typeof summary>
