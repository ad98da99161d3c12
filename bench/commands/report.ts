/** The command `report`: judges and prints a saved run again. */
import { messageOf, systemCode } from '../errors.ts'
import { judgeRun } from '../judge.ts'
import { findRun, openForWriting, readRun } from '../record/folder.ts'
import { renderMarkdown } from '../report/markdown.ts'
import { renderTerminal } from '../report/terminal.ts'
import type { Terminal } from './terminal.ts'

/** @param argument a run's folder, a folder of runs, or the id of a run below `out` */
export async function reportCommand(
  argument: string,
  { out }: { readonly out: string },
  terminal: Terminal,
): Promise<void> {
  const path = findRun(argument, out)
  const record = readRun(path)
  const summary = judgeRun(path)
  try {
    const folder = openForWriting(path)
    folder.writeSummary(summary)
    folder.writeText('summary.md', renderMarkdown(record, summary))
  } catch (error) {
    // Printing was asked for, and may be all that can be done with somebody else's results.
    if (systemCode(error) === undefined) throw error
    terminal.say(`summary.json and summary.md could not be rewritten: ${messageOf(error)}`)
  }
  await terminal.print(renderTerminal(record, summary, terminal.style()))
}
