/** Looks over the machine for `npm run doctor`: what is there, in which version, and what is missing. Changes nothing. */
import { execFile } from 'node:child_process'
import { access, constants, readFile, statfs } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { installAdvice } from './advice.ts'
import { type BinaryName, requirements } from './binary.ts'
import { cacheDir } from './cache.ts'
import { type Distribution, detectDistribution } from './distribution.ts'
import { engineWarning } from './docker-engine.ts'
import { lookUp, type Places } from './look-up.ts'
import { isOld, renewAfterDays, since } from './renewal.ts'
import { searchDirs } from './search-path.ts'

/** One thing looked at. */
export interface Check {
  readonly name: string
  /** `missing`: clusters cannot run; `warning`: they can, with the loss that the advice names. */
  readonly status: 'ok' | 'missing' | 'warning'
  /** A version or an amount; empty when there is none. */
  readonly version: string
  /** Where it was found, or what was measured; empty when nothing was. */
  readonly where: string
  /** What to know or to do; empty when all is well. */
  readonly advice: string
}

/** What to inspect; everything but the results folder has the machine's own value by default. */
export interface InspectOptions {
  readonly env?: NodeJS.ProcessEnv
  /** The folder that runs are written to; it need not exist yet. */
  readonly resultsDir: string
  readonly signal?: AbortSignal
  readonly searchDirs?: readonly string[]
  /** The distribution that would be fetched from; `null` for none. */
  readonly distribution?: Distribution | null
}

const megabyte = 1024 ** 2

/** Below these a default run is in danger: ten thousand simulated users with five clusters of three replicas each. */
const least = {
  cores: 2,
  memoryBytes: 1024 * megabyte,
  tmpBytes: 500 * megabyte,
  resultsBytes: 200 * megabyte,
}

/** Looks at everything at once; fetches nothing, starts no server, and never throws but for the signal. */
export async function inspect(options: InspectOptions): Promise<Check[]> {
  const { env = process.env, resultsDir, signal } = options
  const distribution =
    options.distribution === undefined ? await detectDistribution(env, signal) : options.distribution
  const places: Places = {
    env,
    searchDirs: options.searchDirs ?? searchDirs(env),
    cache: cacheDir(env),
    distribution,
  }
  const checks = await Promise.all([
    checkNode(),
    checkBinary('nginx', places, signal),
    checkBinary('redis-server', places, signal),
    checkTool('docker engine', 'docker', ['version', '--format', '{{.Server.Version}}'], env, signal),
    checkTool('docker compose', 'docker', ['compose', 'version'], env, signal),
    checkTool('git', 'git', ['--version'], env, signal),
    checkCores(),
    checkMemory(),
    checkDisk('disk, temporary', tmpdir(), least.tmpBytes),
    checkDisk('disk, results', resultsDir, least.resultsBytes),
    checkAccounting(),
  ])
  signal?.throwIfAborted()
  return checks
}

async function checkNode(): Promise<Check> {
  const pinned = await pinnedNode()
  const same = pinned === undefined || pinned === process.versions.node
  return {
    name: 'Node',
    status: same ? 'ok' : 'warning',
    version: process.versions.node,
    where: process.execPath,
    advice: same
      ? ''
      : `Node ${pinned} is pinned, for costs differ between versions. Run npm ci, and start through npm run.`,
  }
}

/** The version of Node that `npm ci` brings along; the same for every platform. */
async function pinnedNode(): Promise<string | undefined> {
  const project = new URL('../../package.json', import.meta.url)
  const text = await readFile(project, 'utf8').catch(() => '{}')
  const { optionalDependencies = {} } = JSON.parse(text) as { optionalDependencies?: Record<string, string> }
  return Object.entries(optionalDependencies).find(([name]) => name.startsWith('node-'))?.[1]
}

async function checkBinary(name: BinaryName, places: Places, signal?: AbortSignal): Promise<Check> {
  const lookup = await lookUp(name, places, signal)
  if ('binary' in lookup) {
    const { version, path, source, dates } = lookup.binary
    const now = new Date()
    const from = {
      env: `, named by ${requirements[name].variable}`,
      path: '',
      cache: `, fetched ${since(dates?.fetched ?? null, now)}`,
    }[source]
    const advice =
      dates === undefined || !isOld(dates, now)
        ? ''
        : places.distribution?.fetchable
          ? 'The next run fetches it anew.'
          : `Older than ${renewAfterDays} days, and cannot be renewed without apt-get, dpkg and dpkg-deb.`
    return { name, status: 'ok', version, where: `${path}${from}`, advice }
  }
  if ('error' in lookup)
    return {
      name,
      status: 'missing',
      version: '',
      where: 'found, but not usable',
      advice: lookup.error.message,
    }
  const notes = lookup.notes.map((note) => `Does not run: ${note}\n`).join('')
  const { distribution, cache } = places
  if (distribution?.fetchable && cache !== null) {
    const advice = `${notes}The first run would fetch it from ${distribution.label}'s packages into ${cache}`
    return { name, status: 'ok', version: '', where: 'not here, can be fetched', advice }
  }
  return { name, status: 'missing', version: '', where: 'not found', advice: notes + installAdvice([name]) }
}

/** Optional tools by what each is good for. */
const toolUse: Readonly<Record<string, string>> = {
  'docker engine': 'Optional: only the compose driver needs it.',
  'docker compose': 'Optional: only the compose driver needs it.',
  git: 'Optional: without it, runs do not record the commit they measured.',
}

async function checkTool(
  name: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Check> {
  try {
    // A docker engine that hangs must not make the doctor hang.
    const limits = { env, timeout: 5_000, killSignal: 'SIGKILL' as const, ...(signal && { signal }) }
    const { stdout } = await promisify(execFile)(command, args, limits)
    const version = /\d+(\.\d+)+/.exec(stdout)?.[0]
    if (version === undefined) throw new Error(`it printed no version: ${stdout.trim()}`)
    const warning = name === 'docker engine' ? engineWarning(version) : null
    return { name, status: warning === null ? 'ok' : 'warning', version, where: '', advice: warning ?? '' }
  } catch (error) {
    signal?.throwIfAborted()
    const { code, stderr, message } = error as Error & { code?: unknown; stderr?: string }
    const said = stderr?.trim().split('\n')[0] || message
    const where = code === 'ENOENT' ? 'not installed' : `does not answer: ${said}`
    return { name, status: 'warning', version: '', where, advice: toolUse[name] ?? '' }
  }
}

function checkCores(): Check {
  const cores = availableParallelism()
  const enough = cores >= least.cores
  return {
    name: 'CPU cores',
    status: enough ? 'ok' : 'warning',
    version: String(cores),
    where: '',
    advice: enough ? '' : 'Replicas and the load generator share one core: throughput says little here.',
  }
}

function checkMemory(): Check {
  // What a process may still take: counts a container's limit and reclaimable caches, unlike os.freemem.
  const bytes = process.availableMemory()
  const enough = bytes >= least.memoryBytes
  return {
    name: 'free memory',
    status: enough ? 'ok' : 'warning',
    version: size(bytes),
    where: '',
    advice: enough
      ? ''
      : `A default run wants ${size(least.memoryBytes)}. Close something, or use --preset quick.`,
  }
}

async function checkDisk(name: string, folder: string, leastBytes: number): Promise<Check> {
  const where = await nearestExisting(resolve(folder))
  try {
    await access(where, constants.W_OK)
  } catch {
    const advice = `This user may not write to ${where}. ${otherFolder(name)}`
    return { name, status: 'missing', version: '', where: folder, advice }
  }
  const { bavail, bsize } = await statfs(where)
  const bytes = bavail * bsize
  const enough = bytes >= leastBytes
  return {
    name,
    status: enough ? 'ok' : 'warning',
    version: size(bytes),
    where: folder,
    advice: enough ? '' : `A default run wants ${size(leastBytes)} free. ${otherFolder(name)}`,
  }
}

/** How to use another folder. */
function otherFolder(name: string): string {
  return name === 'disk, results' ? 'Choose another with --out.' : 'Set TMPDIR to another folder.'
}

async function nearestExisting(path: string): Promise<string> {
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  return exists || dirname(path) === path ? path : nearestExisting(dirname(path))
}

async function checkAccounting(): Promise<Check> {
  const name = 'CPU accounting'
  const path = `/proc/self/task/${process.pid}/schedstat`
  const text = await readFile(path, 'utf8').catch(() => '')
  // Nanoseconds on the CPU, nanoseconds waited, time slices; some sandboxes offer the file with zeros.
  if (Number(text.split(' ')[0]) > 0) {
    return { name, status: 'ok', version: '', where: '/proc/self/task/*/schedstat', advice: '' }
  }
  const advice = 'CPU time per request cannot be measured in nanoseconds here: such findings may be unknown.'
  return { name, status: 'warning', version: '', where: '', advice }
}

/** `640 MB`, `1.4 GB`. */
function size(bytes: number): string {
  const megabytes = bytes / megabyte
  return megabytes < 1024 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1024).toFixed(1)} GB`
}
