/** The end of every gate, whatever it compared with: its record, reports, and the exit code that CI goes by. */
import { ExitCode } from '../errors.ts'
import type { GateOutcome } from '../gate/course.ts'
import { type GateFolder, readGate } from '../gate/gate-folder.ts'
import { type GateRecord, gateRecord, gateSchemaVersion } from '../gate/gate-record.ts'
import { publish } from '../gate/publish.ts'
import { provenance } from '../record/provenance.ts'
import type { Terminal } from './terminal.ts'

/** What was asked for, and with what it was measured. */
export interface GateSetting extends Pick<GateRecord, 'id' | 'seed' | 'base' | 'replicas' | 'maxTimeMs'> {
  readonly startedAt: Date
  /** Of the programs that served. */
  readonly programs: Readonly<Record<string, string>>
}

/** A gate that has been written down. */
export interface ConcludedGate {
  readonly path: string
  /** As it is to be read there. */
  readonly record: GateRecord
}

/** Writes it down and hands it on. @throws when it could not be written: then there is no verdict */
export function concludeGate(
  { programs, startedAt, ...setting }: GateSetting,
  outcome: GateOutcome,
  folder: GateFolder,
  terminal: Terminal,
): ConcludedGate {
  const { versions, commit, dirty, machine } = provenance()
  // Checked, and its texts made harmless, before anything is made of it.
  const record = gateRecord.parse({
    schemaVersion: gateSchemaVersion,
    ...setting,
    startedAt: startedAt.toISOString(),
    argv: process.argv.slice(2),
    head: { commit, dirty },
    versions: { ...versions, ...programs },
    machine,
    ...outcome,
  } satisfies GateRecord)
  publish(record, folder, process.env, terminal)
  return { path: folder.path, record: readGate(folder.path) }
}

/** What CI goes by. @param strict whether undecided fails, too */
export function gateExitCode({ verdict }: Pick<GateRecord, 'verdict'>, strict: boolean): number {
  return verdict === 'fine' || (verdict === 'undecided' && !strict) ? ExitCode.pass : ExitCode.failed
}
