/** The shape of a committed baseline: what each strategy cost beside the control, and whom it kept logged in. */
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { finding } from '../record/finding.ts'
import { machineDifference } from '../record/machine.ts'
import { provenance } from '../record/provenance.ts'
import { defaultSettings, pairSettings } from './pair.ts'

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

/** What a baseline that is measured here and now says of itself. */
export function fingerprintHere(replicas: number): Omit<Baseline, 'strategies'> {
  const { commit, machine } = provenance()
  const { platform, cpuModel, cores, memoryBytes } = machine
  return {
    schemaVersion: baselineSchemaVersion,
    createdAt: new Date().toISOString(),
    commit,
    node: process.versions.node,
    machine: { platform, cpuModel, cores, memoryBytes },
    settings: defaultSettings,
    replicas,
  }
}

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

/** As many pairs as there are of every metric of all these strategies. */
export function pairsOf(strategies: readonly BaselineStrategy[]): number {
  return Math.min(
    ...strategies.flatMap(({ logRatios }) => Object.values(logRatios).map((values) => values.length)),
  )
}

type Fingerprint = Pick<Baseline, 'machine' | 'node' | 'settings' | 'replicas'>

/**
 * A ratio to the control cancels the machine's mood, not the machine.
 * @throws {UsageError} saying in what the two differ
 */
export function checkFingerprint(file: string, before: Baseline, here: Fingerprint): void {
  const why = fingerprintDifference(before, here)
  if (why === null) return
  throw new UsageError(
    `the baseline ${file} was made ${why}; make one here with: baseline update --replicas ${here.replicas} --file ${file}, or compare with a commit: gate --against REF`,
  )
}

/** In what the two were made differently, for a message; `null` when in nothing. */
function fingerprintDifference(before: Fingerprint, here: Fingerprint): string | null {
  const machines = machineDifference(before.machine, here.machine)
  if (machines !== null) return `on another machine (${machines})`
  if (before.node !== here.node) return `with another Node (${before.node} and ${here.node})`
  if (before.replicas !== here.replicas) {
    return `with ${before.replicas} replicas instead of ${here.replicas}`
  }
  return JSON.stringify(before.settings) === JSON.stringify(here.settings) ? null : 'with other settings'
}
