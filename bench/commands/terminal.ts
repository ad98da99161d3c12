/** What a command needs of the command line. */
import type { TerminalStyle } from '../report/terminal.ts'

/** Where a command writes to. */
export interface Terminal {
  /** To stdout. */
  print(text: string): void
  /** A line to stderr. */
  say(line: string): void
  /** What stdout is like. */
  style(): TerminalStyle
  /** Ends the process. */
  exit(code: number): void
}
