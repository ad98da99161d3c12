/** The shape of a committed baseline: what each strategy cost beside the control, and whom it kept logged in. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { messageOf, systemCode, UsageError } from '../errors.ts'
import { finding } from '../record/finding.ts'
import { replaceFile } from '../record/folder.ts'
import { machine, machineDifference } from '../record/machine.ts'
import { provenance } from '../record/provenance.ts'
import { commitId, metricName, name, positiveCount, text } from '../record/values.ts'
import { defaultSettings, pairSettings } from './pair.ts'

const baselineSchemaVersion = 1

/** Of what is a million times as much, or as little, nothing could be compared. */
const logRatio = z.number().min(-Math.log(1e6)).max(Math.log(1e6))

export const baseline = z.strictObject({
  schemaVersion: z.literal(baselineSchemaVersion),
  /** When and of what it was last updated, which need not be when every strategy was measured. */
  createdAt: z.iso.datetime(),
  commit: commitId.nullable(),
  node: text,
  machine,
  settings: pairSettings,
  /** Replicas of the clusters in which logins were checked. */
  replicas: positiveCount,
  strategies: z.array(
    z.strictObject({
      name,
      findings: z.array(finding),
      /** By metric, ln(strategy / control), one per fresh pair of clusters. */
      logRatios: z.record(metricName, z.array(logRatio)),
    }),
  ),
})
export type Baseline = z.infer<typeof baseline>
export type BaselineStrategy = Baseline['strategies'][number]

/** What a baseline that is measured here and now says of itself. */
export function fingerprintHere(replicas: number): Omit<Baseline, 'strategies'> {
  const { commit, machine: here } = provenance()
  const { platform, cpuModel, cores, memoryBytes } = here
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
    `the baseline ${file} does not fit this version of sessionbench; make a new one with: baseline update --file ${file}\n${z.prettifyError(parsed.error)}`,
  )
}

/**
 * Makes sure that a baseline can be written there, before minutes are spent on measuring it.
 * @throws {UsageError} when it cannot
 */
export function checkBaselineFile(file: string): void {
  const folder = dirname(file)
  let problem: string | null = null
  try {
    accessSync(`${folder}/.`, constants.W_OK) // `/.`, for which a file will not do
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) problem = 'it is a folder'
  } catch (error) {
    const missing = ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')
    problem = missing ? `there is no folder ${folder}` : messageOf(error)
  }
  if (problem === null) return
  throw new UsageError(
    `the baseline cannot be written to ${file}: ${problem}; choose another path with --file`,
  )
}

/** Whole or not at all: the one before stays until this one is complete. */
export function writeBaseline(file: string, content: Baseline): void {
  replaceFile(file, `${JSON.stringify(baseline.parse(content), null, 1)}\n`, '--file')
}

/** As many pairs as there are of every metric of all these strategies; of no strategies, no end of them. */
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

/**
 * The figures in the file that stay as they are when others are measured again; none when there is no file yet.
 * @param names of the strategies that are not measured again
 * @throws {UsageError} when theirs and new figures cannot stand in one file
 */
export function keptFrom(file: string, names: readonly string[], here: Fingerprint): BaselineStrategy[] {
  if (names.length === 0 || !existsSync(file)) return []
  const before = readBaseline(file)
  const kept = before.strategies.filter(({ name }) => names.includes(name))
  const why = fingerprintDifference(before, here)
  if (kept.length === 0 || why === null) return kept
  throw new UsageError(
    `the baseline ${file} was made ${why}, so its figures of ${kept.map(({ name }) => name).join(', ')} cannot stay beside new ones; measure all strategies (without --strategies), or write another file with --file`,
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
