/** What a command needs of the command line. */
export interface Terminal {
  /** To stdout. */
  print(text: string): void
  /** A line to stderr. */
  say(line: string): void
  /** Ends the process. */
  exit(code: number): void
}
