/** How selfbench prints a figure beside what is asked for. */

import { logText } from '../text/workflow-command.ts'

export const print = (line: string) => process.stdout.write(`${line}\n`)
export const say = (line: string) => process.stderr.write(`${logText(line)}\n`)

/** Prints one figure beside what was asked for. */
export function figure(what: string, value: string, target: string, met: boolean): void {
  print(`${met ? 'met   ' : 'MISSED'}  ${what.padEnd(58)} ${value.padStart(10)}   (${target})`)
}
