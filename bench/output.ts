/** What the command line writes: answers to stdout, all else to stderr, and nothing that a terminal or CI would obey. */
import type { Terminal } from './commands/terminal.ts'
import { systemCode } from './errors.ts'
import { cleanColoured } from './text/clean.ts'
import { logText, withoutCommands } from './text/workflow-command.ts'

/** @param exit ends the process */
export function openTerminal(exit: Terminal['exit']): Terminal {
  const { stdout, stderr } = process
  // Of stdout `print` tells; of stderr nobody could be told.
  for (const stream of [stdout, stderr]) stream.on('error', () => {})
  let readerHasLeft = false
  const print = (text: string) =>
    new Promise<void>((resolve, reject) => {
      stdout.write(withoutCommands(cleanColoured(text.endsWith('\n') ? text : `${text}\n`)), (cause) => {
        // Whoever reads may have seen enough (`| head`): what was done stays done, and the rest goes unread.
        readerHasLeft ||= systemCode(cause) === 'EPIPE'
        if (cause == null || readerHasLeft) resolve()
        else reject(new Error(`the answer could not be written to stdout: ${cause.message}`, { cause }))
      })
    })
  return {
    print,
    say: (line) => void stderr.write(`${logText(line)}\n`),
    command: (line) => void stderr.write(`${line}\n`),
    style: () => ({ columns: stdout.columns ?? 100, colours: stdout.isTTY && stdout.hasColors() }),
    exit,
  }
}
