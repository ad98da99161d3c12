/** The command `clean`: removes what killed runs have left. */
import { sweepLeftovers } from '../cluster/leftovers.ts'
import type { Terminal } from './terminal.ts'

/** Says what was found, or that there was nothing. */
export async function cleanCommand({ say }: Terminal): Promise<void> {
  let found = false
  const notify = (line: string) => {
    found = true
    say(line)
  }
  await sweepLeftovers(notify, new AbortController().signal)
  if (!found) say('nothing was left')
}
