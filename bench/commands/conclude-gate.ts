/** The end of every gate, whatever it compared with: reports, and the exit code that CI goes by. */
import { ExitCode } from '../errors.ts'
import type { GateFolder } from '../gate/gate-folder.ts'
import type { GateRecord } from '../gate/gate-record.ts'
import { publish } from '../gate/publish.ts'
import { renderGateText } from '../gate/render-gate.ts'
import type { Terminal } from './terminal.ts'

/** @param strict whether undecided fails, too */
export function concludeGate(
  record: GateRecord,
  folder: GateFolder,
  strict: boolean,
  { print, say, style }: Terminal,
): number {
  publish(record, folder, process.env, say)
  print(renderGateText(record, style().columns))
  say(`saved in ${folder.path}`)
  const fails = record.verdict === 'worse' || (strict && record.verdict === 'undecided')
  return fails ? ExitCode.failed : ExitCode.pass
}
