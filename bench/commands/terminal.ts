/** What a command needs of the command line. */
import type { TerminalStyle } from '../report/terminal.ts'

/** Where a command writes to. */
export interface Terminal {
  /**
   * To stdout; resolves when it has been taken, or nobody reads any more.
   * @throws Error when it cannot be written, as on a disk that is full
   */
  print(text: string): Promise<void>
  /** A line to stderr. */
  say(line: string): void
  /** A command to CI, which reads such in the log; to stderr, as it is. */
  command(line: string): void
  /** What stdout is like. */
  style(): TerminalStyle
  /** Ends the process. */
  exit(code: number): void
}
