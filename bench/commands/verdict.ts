/** The command `verdict`: what a gate has found, from what it wrote down. */
import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { named } from '../arguments.ts'
import { UsageError } from '../errors.ts'
import { readGate } from '../gate/gate-folder.ts'
import { renderGateMarkdown, renderGateText } from '../gate/render-gate.ts'
import { verdictFormats } from '../gate/verdict-formats.ts'
import { gateExitCode } from './conclude-gate.ts'
import type { Terminal } from './terminal.ts'

/** As it is typed. */
export interface VerdictOptions {
  readonly format: string
  readonly strict: boolean
}

/** Prints it again, and ends the process as the gate did. */
export async function verdictCommand(
  argument: string,
  { format, strict }: VerdictOptions,
  { print, style, exit }: Terminal,
): Promise<void> {
  const formats = verdictFormats.map((name) => ({ name }))
  const inMarkdown = named('format', format, formats).name === 'markdown'
  const gate = readGate(findGate(argument))
  await print(inMarkdown ? renderGateMarkdown(gate) : renderGateText(gate, style().columns))
  exit(gateExitCode(gate, strict))
}

/** The folder that an argument means: a gate's, a folder of gates (the latest one), or that of a `gate.json`. */
function findGate(argument: string): string {
  const path = resolve(argument)
  const found = [path, join(path, 'latest'), dirname(path)].find(
    (folder) => statSync(join(folder, 'gate.json'), { throwIfNoEntry: false }) !== undefined,
  )
  if (found !== undefined) return found
  throw new UsageError(
    `no verdict found at '${argument}'; expected a gate.json, or a folder with one, such as results/gates/latest`,
  )
}
