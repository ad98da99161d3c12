/** The programs that local clusters need beside Node: what they are called, where they come from, how old they may be. */
import type { FetchDates } from './renewal.ts'

/** A program that `findBinaries` can find. */
export type BinaryName = 'nginx' | 'redis-server'

/** A program that was found, was run once, and is new enough. */
export interface Binary {
  readonly name: BinaryName
  /** Absolute path to run. */
  readonly path: string
  /** What it says of itself, e.g. `1.22.1`. */
  readonly version: string
  /** Where it was found: named by its environment variable, in the search path, or in the private cache. */
  readonly source: 'env' | 'path' | 'cache'
  /** Environment variables it must be run with, to be merged over the caller's own; empty for what the system installed. */
  readonly env: Readonly<Record<string, string>>
  /** How old it is; only of what is in the private cache. */
  readonly dates?: FetchDates
}

/** What is known beforehand of one program. */
export interface Requirement {
  /** Environment variable that names the program and overrules every search. */
  readonly variable: string
  /** The oldest version that does. */
  readonly minimum: string
  /** Arguments that make it print its version and end. */
  readonly versionArguments: readonly string[]
  /** Finds the version in what it then prints. */
  readonly versionPattern: RegExp
  /** The package that holds it in Debian and its descendants. */
  readonly debianPackage: string
  /** The Debian source package: its binary packages are fetched together, even when some are installed. */
  readonly debianSource: string
  /** Where the Debian package puts it, from the root. */
  readonly debianPath: string
  /** The Homebrew formula that holds it. */
  readonly homebrewFormula: string
}

/** The requirements by program. */
export const requirements: Readonly<Record<BinaryName, Requirement>> = {
  nginx: {
    variable: 'SESSIONBENCH_NGINX',
    // The oldest that a supported distribution ships (Debian 11, Ubuntu 20.04).
    minimum: '1.20.0',
    versionArguments: ['-v'],
    // `nginx version: nginx/1.22.1 (Ubuntu)`; forks put their own name before the slash.
    versionPattern: /version: [\w-]+\/(\d+(?:\.\d+)+)/,
    debianPackage: 'nginx',
    debianSource: 'nginx',
    debianPath: 'usr/sbin/nginx',
    homebrewFormula: 'nginx',
  },
  'redis-server': {
    variable: 'SESSIONBENCH_REDIS_SERVER',
    // node-redis 6 opens with HELLO 3 (the RESP3 protocol), which Redis knows from 6.0 on.
    minimum: '6.0.0',
    versionArguments: ['--version'],
    // `Redis server v=7.0.15 sha=…`; Valkey under the old name prints `Valkey server v=8.0.1 …`.
    versionPattern: /server v=(\d+(?:\.\d+)+)/,
    debianPackage: 'redis-server',
    debianSource: 'redis',
    debianPath: 'usr/bin/redis-server',
    homebrewFormula: 'redis',
  },
}
