/** Finds the programs that local clusters need, in a fixed order, and fetches what is missing where that is possible. */
import { sep } from 'node:path'
import { installAdvice, listed } from './advice.ts'
import type { Binary, BinaryName } from './binary.ts'
import { BinaryError } from './binary-error.ts'
import { cacheDir } from './cache.ts'
import { type Distribution, detectDistribution } from './distribution.ts'
import { fetchBinaries } from './fetch.ts'
import { lookUp, tooOld } from './look-up.ts'
import { searchDirs } from './search-path.ts'

/** The programs of a local cluster, all found. */
export type Binaries = Readonly<Record<BinaryName, Binary>>

/** What finding depends on; everything but the signal has the machine's own value by default. */
export interface FindOptions {
  /** The environment to take variables and PATH from. */
  readonly env?: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** Told one line, once, when something is fetched. */
  readonly notify?: (line: string) => void
  /** The folders to search instead of PATH and the usual ones. */
  readonly searchDirs?: readonly string[]
  /** The distribution to fetch from; `null` for none. */
  readonly distribution?: Distribution | null
}

/**
 * Finds each of `wanted`: named by its environment variable, else in PATH and the usual folders, else in the private
 * cache, else fetched into it from the distribution's packages. Every one has been run and is new enough.
 * @throws BinaryError with what to do; the signal's reason when aborted.
 */
export async function findBinaries<Name extends BinaryName>(
  wanted: readonly Name[],
  options: FindOptions,
): Promise<Record<Name, Binary>> {
  const { env = process.env, signal, notify = () => {} } = options
  const dirs = options.searchDirs ?? searchDirs(env)
  const distribution =
    options.distribution === undefined ? await detectDistribution(env, signal) : options.distribution
  const cache = cacheDir(env)
  const names = [...new Set(wanted)]
  const places = { env, searchDirs: dirs, cache, distribution }
  const lookups = await Promise.all(names.map((name) => lookUp(name, places, signal)))
  signal.throwIfAborted()

  const found: Partial<Record<BinaryName, Binary>> = {}
  const absent: Name[] = []
  const notes: string[] = []
  for (const [i, lookup] of lookups.entries()) {
    if ('error' in lookup) throw lookup.error
    if ('binary' in lookup) found[lookup.binary.name] = lookup.binary
    else {
      absent.push(names[i]!)
      notes.push(...lookup.notes)
    }
  }
  if (absent.length > 0) {
    if (distribution === null) throw missing(absent, notes)
    if (cache === null) throw homeless(absent)
    notify(
      // Measured: 11 MB on Debian 12; Ubuntu's package lists are about twice as long.
      `fetching ${listed(absent)} from ${distribution.label}'s packages into ${shortened(cache, env)} (once, 10 to 30 MB)`,
    )
    for (const binary of await fetchBinaries(absent, { cache, distribution, env }, signal)) {
      const error = tooOld(binary)
      if (error !== null) throw error
      found[binary.name] = binary
    }
  }
  return found as Record<Name, Binary>
}

function missing(names: readonly BinaryName[], notes: readonly string[]): BinaryError {
  const code = notes.length > 0 ? 'broken' : 'missing'
  const what = `${listed(names)} ${names.length === 1 ? 'is' : 'are'} needed to run clusters on this machine`
  const lines = notes.map((note) => `  found, but it does not run: ${note}`)
  return new BinaryError(code, [`${what}, and not found`, ...lines, installAdvice(names)].join('\n'))
}

function homeless(names: readonly BinaryName[]): BinaryError {
  return new BinaryError(
    'fetch-failed',
    `${listed(names)} could be fetched, but there is no home folder to keep a cache in\n` +
      `Set XDG_CACHE_HOME to a folder that you may write to, or install it:\n${installAdvice(names)}`,
  )
}

/** `~` for the home folder, as people write it. */
function shortened(path: string, env: NodeJS.ProcessEnv): string {
  const home = env.HOME
  return home && path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path
}
