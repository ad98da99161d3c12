/** Writes the few lines a replica has to say while it runs to stderr, each under the replica's name. */

/** @param name the replica's name, @param line one line without its end */
export function log(name: string, line: string): void {
  process.stderr.write(`${name}: ${line}\n`)
}
