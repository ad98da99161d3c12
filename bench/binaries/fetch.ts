/** Fetches programs from the distribution's own packages into the private cache, without root. */
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder } from '../make-folder.ts'
import { AptError, type PrivateApt, privateApt } from './apt.ts'
import { type Binary, type BinaryName, requirements } from './binary.ts'
import { BinaryError } from './binary-error.ts'
import { binaryInTree, cachedTree, refusedCache } from './cache.ts'
import type { Distribution } from './distribution.ts'
import { runToEnd } from './process-group.ts'
import { isOld, writeDate } from './renewal.ts'

/** Temporary folders stand beside the trees, so that a finished tree is moved into place by one rename. */
const temporaryPrefix = '.fetching-'

/** A fetch takes seconds; slow lines get this long unless the plan says otherwise. */
const defaultPatienceMs = 10 * 60_000

/** Another run's look at a tree that it has taken by mistake is over within a moment. */
const publishAttempts = 50
const publishAgainAfterMs = 50

/** Where to fetch to and from. */
export interface FetchPlan {
  readonly cache: string
  readonly distribution: Distribution
  readonly env: NodeJS.ProcessEnv
  /** How long it may take. */
  readonly patienceMs?: number
}

/**
 * Fetches each of `names` into its own tree of the cache and answers them, run once. The cache is as it was, but for
 * trees that are complete, when this throws; whatever was there before and does not run is replaced.
 * @throws BinaryError `fetch-failed`, or the signal's reason when aborted.
 */
export async function fetchBinaries(
  names: readonly BinaryName[],
  plan: FetchPlan,
  signal: AbortSignal,
): Promise<Binary[]> {
  const { cache, distribution, env, patienceMs = defaultPatienceMs } = plan
  const patience = AbortSignal.timeout(patienceMs)
  const either = AbortSignal.any([signal, patience])
  let temporary: string | undefined
  try {
    makeFolder(join(cache, distribution.key), 0o700)
    const refused = refusedCache(cache, distribution)
    if (refused !== null) throw refused
    await removeAbandoned(cache)
    temporary = await mkdtemp(join(cache, temporaryPrefix))
    const sources = names.map((name) => requirements[name].debianSource)
    const apt = await privateApt(temporary, distribution.architecture, sources, env)
    await apt.update(either)
    const fetched: Binary[] = []
    for (const name of names) fetched.push(await fetchOne(name, apt, temporary, plan, either))
    return fetched
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof BinaryError) throw error
    if (patience.aborted) throw failure(names, plan, `not done after ${patienceMs / 60_000} minutes`, error)
    throw failure(names, plan, (error as Error).message, error)
  } finally {
    if (temporary !== undefined) await removeQuietly(temporary)
  }
}

async function fetchOne(
  name: BinaryName,
  apt: PrivateApt,
  temporary: string,
  plan: FetchPlan,
  signal: AbortSignal,
): Promise<Binary> {
  const tree = join(temporary, 'trees', name)
  makeFolder(tree, 0o700)
  for (const archive of await apt.download(requirements[name].debianPackage, signal)) {
    const { code, output } = await runToEnd('dpkg-deb', ['-x', archive, tree], { env: plan.env, signal })
    if (code !== 0) throw new Error(output.trim().split('\n').at(-1))
  }
  await writeDate(tree, 'fetched', new Date())
  const unpacked = await binaryInTree(name, tree, plan.env, signal)
  if ('reason' in unpacked) throw new Error(`the fetched program does not run: ${unpacked.reason}`)
  return publish(name, tree, plan, signal)
}

/**
 * Moves a tree into the cache. Another run may do so at the same time: if what it put there runs, it is as good. What
 * does not run, or is old, is taken away, and looked at again where nobody else can touch it, since between looking and taking the
 * other run may have put its own there: that goes back, and the other run, which misses it meanwhile, waits for it.
 */
async function publish(
  name: BinaryName,
  tree: string,
  plan: FetchPlan,
  signal: AbortSignal,
): Promise<Binary> {
  const place = cachedTree(plan.cache, plan.distribution, name)
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(tree, place)
    } catch (error) {
      // ENOENT: moved there already, and missed below.
      const code = (error as NodeJS.ErrnoException).code ?? ''
      if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'ENOENT'].includes(code) || attempt === publishAttempts)
        throw error
      await sleep(publishAgainAfterMs, undefined, { signal })
    }
    const binary = await goodBinary(name, place, plan, signal)
    if (binary !== null) return binary
    const taken = join(dirname(tree), `${name}-replaced-${attempt}`) // removed with the temporary folder
    const wasThere = await rename(place, taken).then(
      () => true,
      () => false,
    )
    if (wasThere && (await goodBinary(name, taken, plan, signal)) !== null) {
      await rename(taken, place).catch(() => {}) // where a third run has put its own meanwhile, that one stays
    }
  }
}

/** The program of a tree that need not be fetched; `null` when it does not run, or is old. */
async function goodBinary(
  name: BinaryName,
  tree: string,
  { env }: FetchPlan,
  signal: AbortSignal,
): Promise<Binary | null> {
  const binary = await binaryInTree(name, tree, env, signal)
  if ('reason' in binary || binary.dates === undefined || isOld(binary.dates, new Date())) return null
  return binary
}

/** Removes what a run that was killed could not remove. An hour is far longer than any fetch may take. */
async function removeAbandoned(cache: string): Promise<void> {
  const hourAgo = Date.now() - 3_600_000
  for (const name of await readdir(cache)) {
    if (!name.startsWith(temporaryPrefix)) continue
    const path = join(cache, name)
    const found = await stat(path).catch(() => null)
    if (found !== null && found.mtimeMs < hourAgo) await removeQuietly(path)
  }
}

/** A failing removal must not hide the error that led here; what remains is removed by a later fetch. */
async function removeQuietly(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
}

function failure(names: readonly BinaryName[], plan: FetchPlan, reason: string, cause: unknown): BinaryError {
  const { cache, distribution } = plan
  const said = cause instanceof AptError ? `apt-get said: ${reason}` : reason
  const packages = names.map((name) => requirements[name].debianPackage).join(' ')
  return new BinaryError(
    'fetch-failed',
    [
      `could not fetch ${names.join(' and ')} from ${distribution.label}'s packages into ${cache}`,
      `  ${said}`,
      'What to try, one of:',
      ...hints(cause, reason),
      `  install it for the whole system: sudo apt-get install ${packages}`,
      ...names.map((name) => `  name a program of your own: ${requirements[name].variable}=/path/to/${name}`),
    ].join('\n'),
    { cause },
  )
}

/** What helps against the causes that can be told apart. */
function hints(cause: unknown, reason: string): string[] {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT' || /No space left|enough free space|Disk quota/i.test(reason)) {
    return ['  make room (100 MB do), or set XDG_CACHE_HOME to a folder on another disk']
  }
  if (code !== undefined || /does not run/.test(reason)) {
    return ['  set XDG_CACHE_HOME to a folder that you may write to and run programs from']
  }
  if (cause instanceof AptError) {
    return ['  check the network and the proxy settings (http_proxy, /etc/apt/apt.conf.d), then run again']
  }
  return []
}
