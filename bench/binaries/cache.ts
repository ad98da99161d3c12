/** The private cache of fetched programs: where it is, and what of it still runs. */
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { type Binary, type BinaryName, requirements } from './binary.ts'
import { BinaryError } from './binary-error.ts'
import type { Distribution } from './distribution.ts'
import { foreign, foreignWithin } from './ownership.ts'
import { probe } from './probe.ts'
import { readDates } from './renewal.ts'
import { isExecutableFile } from './search-path.ts'

/**
 * The cache folder, `$XDG_CACHE_HOME/sessionbench` or `~/.cache/sessionbench`; `null` when there is no home folder.
 * As the XDG base directory specification demands, a relative XDG_CACHE_HOME is ignored.
 */
export function cacheDir(env: NodeJS.ProcessEnv): string | null {
  const xdg = env.XDG_CACHE_HOME
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'sessionbench')
  const home = env.HOME || accountHome()
  return home !== null && isAbsolute(home) ? join(home, '.cache', 'sessionbench') : null
}

/** The folder of one program in the cache: the unpacked packages, complete in itself. */
export function cachedTree(cache: string, distribution: Distribution, name: BinaryName): string {
  return join(cache, distribution.key, name)
}

/** The error for a cache that others could have filled; `null` for one that is this user's alone. */
export function refusedCache(cache: string, { key }: Distribution): BinaryError | null {
  const reason = foreign(cache) ?? foreign(join(cache, key))
  if (reason === null) return null
  return new BinaryError(
    'broken',
    `the cache ${cache} is not used: ${reason}\n` +
      'Nothing is run from a folder that others could have filled. Remove it, or set XDG_CACHE_HOME to a folder of your own.',
  )
}

/**
 * The program in an unpacked tree, if it is there, nobody else can have put it there, and it really runs; a reason
 * otherwise.
 * Its version is not judged here: an old one that runs is no reason to fetch the same one again.
 */
export async function binaryInTree(
  name: BinaryName,
  tree: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Binary | { readonly reason: string }> {
  const path = join(tree, requirements[name].debianPath)
  const notOurs = foreignWithin(tree)
  if (notOurs !== null) return { reason: notOurs }
  if (!(await isExecutableFile(path))) {
    return { reason: `${path} is not there, or its disk forbids to run programs (noexec)` }
  }
  const dirs = await libraryDirs(tree)
  const own = [...dirs, ...(env.LD_LIBRARY_PATH ? [env.LD_LIBRARY_PATH] : [])]
  const needed: Record<string, string> = dirs.length > 0 ? { LD_LIBRARY_PATH: own.join(':') } : {}
  const probed = await probe(name, path, { ...env, ...needed }, signal)
  if (!probed.runs) return { reason: `${path}: ${probed.reason}` }
  return { name, path, version: probed.version, source: 'cache', env: needed, dates: await readDates(tree) }
}

/** The folders with shared libraries: `lib` and `usr/lib`, and the architecture's folder within. */
async function libraryDirs(tree: string): Promise<string[]> {
  const dirs: string[] = []
  for (const top of [join(tree, 'usr/lib'), join(tree, 'lib')]) {
    const entries = await readdir(top, { withFileTypes: true }).catch(() => [])
    const inner = entries.filter((entry) => entry.isDirectory()).map((entry) => join(top, entry.name))
    for (const dir of [top, ...inner]) {
      const names = await readdir(dir).catch(() => [])
      if (names.some((name) => /\.so(\.|$)/.test(name))) dirs.push(dir)
    }
  }
  return dirs
}

function accountHome(): string | null {
  try {
    return homedir()
  } catch {
    // A user id without an account, as in many containers.
    return null
  }
}
