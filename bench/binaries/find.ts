/** Finds the programs that local clusters need, in a fixed order, and fetches what is missing where that is possible. */
import { sep } from 'node:path'
import { installAdvice, listed } from './advice.ts'
import type { Binary, BinaryName } from './binary.ts'
import { BinaryError } from './binary-error.ts'
import { cacheDir, cachedTree } from './cache.ts'
import { type Distribution, detectDistribution } from './distribution.ts'
import { type FetchPlan, fetchBinaries } from './fetch.ts'
import { lookUp, tooOld } from './look-up.ts'
import { isDue, since, writeDate } from './renewal.ts'
import { searchDirs } from './search-path.ts'

/** What is there still runs, so nobody waits long for a newer one. */
const renewalPatienceMs = 2 * 60_000

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
  const old = Object.values(found).filter(({ dates }) => dates !== undefined && isDue(dates, new Date()))
  let fetched: Binary[] = []
  if (absent.length > 0) {
    if (!distribution?.fetchable) throw missing(absent, notes)
    if (cache === null) throw homeless(absent)
    const together = [...absent, ...old.map(({ name }) => name)]
    notify(
      // Measured: 11 MB on Debian 12; Ubuntu's package lists are about twice as long.
      `fetching ${listed(together)} from ${distribution.label}'s packages into ${shortened(cache, env)} (10 to 30 MB)`,
    )
    fetched = await fetchBinaries(together, { cache, distribution, env }, signal)
  } else if (old.length > 0 && distribution?.fetchable && cache !== null) {
    fetched = await renewed(old, { cache, distribution, env }, notify, signal)
  }
  for (const binary of fetched) {
    const error = tooOld(binary)
    if (error !== null) throw error
    found[binary.name] = binary
  }
  return found as Record<Name, Binary>
}

/** Fetches anew what is old. Where that fails it is said, and nothing is answered: what is there is used on. */
async function renewed(
  old: readonly Binary[],
  plan: FetchPlan,
  notify: (line: string) => void,
  signal: AbortSignal,
): Promise<Binary[]> {
  const names = old.map(({ name }) => name)
  const ages = listed([...new Set(old.map(({ dates }) => since(dates?.fetched ?? null, new Date())))])
  notify(`fetching ${listed(names)} anew from ${plan.distribution.label}'s packages: fetched ${ages}`)
  try {
    return await fetchBinaries(names, { ...plan, patienceMs: renewalPatienceMs }, signal)
  } catch (error) {
    if (!(error instanceof BinaryError)) throw error
    notify(`${error.message.split('\n').slice(0, 2).join(': ')}; what was fetched ${ages} is used`)
    for (const name of names) {
      // Where it cannot be written down, the next run tries as well.
      await writeDate(cachedTree(plan.cache, plan.distribution, name), 'tried', new Date()).catch(() => {})
    }
    return []
  }
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
