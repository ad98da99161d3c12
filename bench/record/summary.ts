/** The shape of `summary.json`: the judged findings of a run. Documented in results/README.md. */
import { z } from 'zod'
import { finding } from './finding.ts'
import { schemaVersion } from './run-record.ts'

export const summary = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  run: z.string(),
  status: z.enum(['complete', 'partial']),
  findings: z.array(finding),
})
export type Summary = z.infer<typeof summary>
