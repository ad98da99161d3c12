/** The shape of a committed baseline: what each strategy cost beside the control, and whom it kept logged in. */
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { finding } from '../record/finding.ts'
import { machineDifference } from '../record/machine.ts'
import { pairSettings } from './pair.ts'

const baselineSchemaVersion = 1

export const baseline = z.strictObject({
  schemaVersion: z.literal(baselineSchemaVersion),
  createdAt: z.iso.datetime(),
  commit: z.string().nullable(),
  node: z.string(),
  machine: z.strictObject({
    platform: z.string(),
    cpuModel: z.string(),
    cores: z.number().int(),
    memoryBytes: z.number(),
  }),
  settings: pairSettings,
  /** Replicas of the clusters in which logins were checked. */
  replicas: z.number().int(),
  strategies: z.array(
    z.strictObject({
      name: z.string(),
      findings: z.array(finding),
      /** By metric, ln(strategy / control), one per fresh pair of clusters. */
      logRatios: z.record(z.string(), z.array(z.number())),
    }),
  ),
})
export type Baseline = z.infer<typeof baseline>
export type BaselineStrategy = Baseline['strategies'][number]
export { baselineSchemaVersion }

/** @throws {UsageError} when there is none, or it does not fit */
export function readBaseline(file: string): Baseline {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const what = missing ? 'does not exist' : 'is not valid JSON'
    throw new UsageError(`the baseline ${file} ${what}; make one with: baseline update --file ${file}`, {
      cause,
    })
  }
  const parsed = baseline.safeParse(value)
  if (parsed.success) return parsed.data
  throw new UsageError(
    `the baseline ${file} does not fit this version of sessionbench; make it anew with: baseline update --file ${file}\n${z.prettifyError(parsed.error)}`,
  )
}

export function writeBaseline(file: string, content: Baseline): void {
  writeFileSync(file, `${JSON.stringify(baseline.parse(content), null, 1)}\n`)
}

/**
 * A ratio to the control cancels the machine's mood, not the machine.
 * @throws {UsageError} saying in what the two differ
 */
export function checkFingerprint(
  file: string,
  { machine, node, settings, replicas }: Baseline,
  here: Pick<Baseline, 'machine' | 'node' | 'settings' | 'replicas'>,
): void {
  const difference = machineDifference(machine, here.machine)
  const why =
    difference !== null
      ? `on another machine (${difference})`
      : node !== here.node
        ? `with another Node (${node} and ${here.node})`
        : JSON.stringify(settings) !== JSON.stringify(here.settings) || replicas !== here.replicas
          ? 'with other settings'
          : null
  if (why === null) return
  throw new UsageError(
    `the baseline ${file} was made ${why}; make one here with: baseline update --file ${file}, or compare with a commit: gate --against REF`,
  )
}
