/** Looks for one program in everything that is on the machine already; fetches nothing. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { installAdvice } from './advice.ts'
import { type Binary, type BinaryName, requirements } from './binary.ts'
import { BinaryError } from './binary-error.ts'
import { binaryInTree, cachedTree, refusedCache } from './cache.ts'
import type { Distribution } from './distribution.ts'
import { probe } from './probe.ts'
import { candidates } from './search-path.ts'
import { compareVersions } from './version.ts'

/** Where to look. */
export interface Places {
  readonly env: NodeJS.ProcessEnv
  readonly searchDirs: readonly string[]
  /** The cache folder, if there is a home for one. */
  readonly cache: string | null
  /** The distribution whose packages the cache holds. */
  readonly distribution: Distribution | null
}

/** Found; or found and not to be used, an error that must be mended; or absent, with notes on what did not run. */
export type Lookup =
  | { readonly binary: Binary }
  | { readonly error: BinaryError }
  | { readonly notes: readonly string[] }

/**
 * Looks by environment variable, then in the search folders, then in the cache.
 * A variable is a decision: what it names is taken or refused, never replaced. In the search folders the first
 * program that runs and is new enough is taken; one that is too old stops the search there, one that does not run
 * does not, for the cache may have a good one.
 */
export async function lookUp(name: BinaryName, places: Places, signal?: AbortSignal): Promise<Lookup> {
  const { env } = places
  const { variable } = requirements[name]
  const named = env[variable]
  if (named !== undefined && named !== '') {
    const path = resolve(named)
    const probed = await probe(name, path, env, signal)
    if (!probed.runs) return { error: brokenOverride(name, path, probed.reason) }
    return judged({ name, path, version: probed.version, source: 'env', env: {} })
  }

  const notes: string[] = []
  let old: Lookup | undefined
  for (const path of await candidates(name, places.searchDirs)) {
    const probed = await probe(name, path, env, signal)
    if (!probed.runs) {
      notes.push(`${path}: ${probed.reason}`)
      continue
    }
    const lookup = judged({ name, path, version: probed.version, source: 'path', env: {} })
    if ('binary' in lookup) return lookup
    old ??= lookup
  }
  if (old !== undefined) return old

  if (places.cache !== null && places.distribution !== null) {
    const refused = refusedCache(places.cache, places.distribution)
    if (refused !== null) return { error: refused }
    const tree = cachedTree(places.cache, places.distribution, name)
    if (existsSync(tree)) {
      const cached = await binaryInTree(name, tree, env, signal)
      if (!('reason' in cached)) return judged(cached)
      notes.push(cached.reason)
    }
  }
  return { notes }
}

/** The error for a program below its minimum version; `null` when it is new enough. */
export function tooOld(binary: Binary): BinaryError | null {
  const { minimum, variable } = requirements[binary.name]
  if (compareVersions(binary.version, minimum) >= 0) return null
  const blame = binary.source === 'env' ? ` (named by ${variable})` : ''
  return new BinaryError(
    'too-old',
    `${binary.name} is too old: found ${binary.version} at ${binary.path}${blame}, expected ${minimum} or newer\n` +
      `Install a newer one, or name one with ${variable}:\n${installAdvice([binary.name])}`,
  )
}

function judged(binary: Binary): Lookup {
  const error = tooOld(binary)
  return error === null ? { binary } : { error }
}

function brokenOverride(name: BinaryName, path: string, reason: string): BinaryError {
  const { variable } = requirements[name]
  return new BinaryError(
    'broken',
    `${variable} names ${path}, which does not run as ${name}: ${reason}\n` +
      `Correct ${variable}, or unset it to have ${name} searched for.`,
  )
}
