/**
 * Finds, once for all tests, the programs that they start, as a run does: fetched where they are missing and that is
 * possible. Where they cannot be found or fetched it says so, and the tests that need none of them run all the same.
 */
import type { TestProject } from 'vitest/node'
import { BinaryError } from '../binaries/binary-error.ts'
import { type Binaries, findBinaries } from '../binaries/find.ts'

export default async function setup(project: TestProject): Promise<void> {
  const binaries = await findOrTell()
  project.provide('binaries', binaries)
  project.provide('programs', binaries) // the same for the tests of `servers/`, which knows nothing of `bench/`
}

async function findOrTell(): Promise<{ found: Binaries } | { missing: string }> {
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt) // apt-get leads a process group of its own, which Ctrl-C does not reach
  try {
    const { signal } = interrupted
    return { found: await findBinaries(['nginx', 'redis-server'], { signal, notify: console.log }) }
  } catch (error) {
    if (!(error instanceof BinaryError)) throw error
    console.error(`${error.message}\nEvery test that starts clusters or stores fails for this reason.\n`)
    return { missing: error.message }
  } finally {
    process.off('SIGINT', interrupt)
  }
}
