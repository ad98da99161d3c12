/** Asks a program for its version by really running it: the only proof that it works on this machine. */
import { type BinaryName, requirements } from './binary.ts'
import { runToEnd } from './process-group.ts'

/** The version of a program that runs, or the reason why it does not. */
export type Probed =
  | { readonly runs: true; readonly version: string }
  | { readonly runs: false; readonly reason: string }

/** A version is printed within milliseconds; a program that takes this long is waiting for something. */
const patienceMs = 10_000

/**
 * Runs the program at `path` with its version arguments.
 * @throws the signal's reason when aborted; everything else is told by the answer.
 */
export async function probe(
  name: BinaryName,
  path: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Probed> {
  const { versionArguments, versionPattern } = requirements[name]
  const patience = AbortSignal.timeout(patienceMs)
  try {
    const { code, killedBy, output } = await runToEnd(path, versionArguments, {
      env,
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    })
    const said = firstLine(output)
    if (code !== 0) return { runs: false, reason: said || `ended with ${killedBy ?? `exit code ${code}`}` }
    const version = versionPattern.exec(output)?.[1]
    if (version === undefined) return { runs: false, reason: `it printed no version of ${name}: "${said}"` }
    return { runs: true, version }
  } catch (error) {
    signal?.throwIfAborted()
    if (patience.aborted) return { runs: false, reason: `no answer within ${patienceMs / 1000} s` }
    return { runs: false, reason: (error as Error).message }
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]!.slice(0, 200)
}
