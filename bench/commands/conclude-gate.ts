/** The end of every gate, whatever it compared with: its record, reports, and the exit code that CI goes by. */
import { ExitCode } from '../errors.ts'
import type { GateOutcome } from '../gate/course.ts'
import type { GateFolder } from '../gate/gate-folder.ts'
import { type GateRecord, gateRecord, gateSchemaVersion } from '../gate/gate-record.ts'
import { publish } from '../gate/publish.ts'
import { renderGateText } from '../gate/render-gate.ts'
import { provenance } from '../record/provenance.ts'
import type { Terminal } from './terminal.ts'

/** What was asked for, and with what it was measured. */
export interface GateSetting extends Pick<GateRecord, 'id' | 'seed' | 'base' | 'replicas' | 'maxTimeMs'> {
  readonly startedAt: Date
  /** Of the programs that served. */
  readonly programs: Readonly<Record<string, string>>
}

/** @param strict whether undecided fails, too @returns the exit code */
export function concludeGate(
  { programs, startedAt, ...setting }: GateSetting,
  outcome: GateOutcome,
  folder: GateFolder,
  strict: boolean,
  { print, say, style }: Terminal,
): number {
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
  publish(record, folder, process.env, say)
  print(renderGateText(record, style().columns))
  say(`saved in ${folder.path}`)
  const fails = record.verdict === 'worse' || (strict && record.verdict === 'undecided')
  return fails ? ExitCode.failed : ExitCode.pass
}
