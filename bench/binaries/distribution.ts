/** Tells which distribution of Debian's kind this machine has, and whether its packages can be fetched. */
import { readFile } from 'node:fs/promises'
import { runToEnd } from './process-group.ts'
import { candidates, searchDirs } from './search-path.ts'

/** A Debian-like distribution on one architecture: what a fetched program is good for. */
export interface Distribution {
  /** For people, e.g. `Debian`, `Ubuntu`. */
  readonly label: string
  /** For file names, e.g. `debian-12-amd64`: libraries of another release or architecture do not fit. */
  readonly key: string
  /** Debian's name of the architecture, e.g. `amd64`. */
  readonly architecture: string
  /** Whether its packages can be fetched; without its tools in PATH, what was fetched before can still be used. */
  readonly fetchable: boolean
}

/** The assignments of an os-release file (freedesktop.org, os-release(5)): shell syntax without expansion. */
export function parseOsRelease(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line)
    if (match === null) continue
    const [, name, raw] = match as unknown as [string, string, string]
    const quoted = /^(["'])(.*)\1$/.exec(raw)
    values[name] = (quoted?.[2] ?? raw).replaceAll(/\\(["'$`\\])/g, '$1')
  }
  return values
}

/** Whether the distribution is Debian, Ubuntu, or says that it descends from them. */
export function isDebianLike(release: Readonly<Record<string, string>>): boolean {
  const ids = [release.ID, ...(release.ID_LIKE ?? '').split(/\s+/)]
  return ids.includes('debian') || ids.includes('ubuntu')
}

/** Names a distribution for people and for file names. */
export function describeDistribution(
  release: Readonly<Record<string, string>>,
  architecture: string,
): Omit<Distribution, 'fetchable'> {
  const id = release.ID ?? 'debian'
  // Debian testing and unstable have a code name but no number.
  const version = release.VERSION_ID ?? release.VERSION_CODENAME ?? 'rolling'
  const key = `${id}-${version}-${architecture}`.replaceAll(/[^\w.-]/g, '_')
  return { label: id === 'debian' ? 'Debian' : (release.NAME ?? id), key, architecture }
}

/** Debian's names of the architectures that Node knows, where there is no dpkg to tell. */
const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'armhf',
  ia32: 'i386',
  ppc64: 'ppc64el',
  s390x: 's390x',
  riscv64: 'riscv64',
}

/** The distribution of this machine, or `null` where it is not of Debian's kind. */
export async function detectDistribution(
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Distribution | null> {
  const text = (await read('/etc/os-release')) ?? (await read('/usr/lib/os-release'))
  if (text === null) return null
  const release = parseOsRelease(text)
  if (!isDebianLike(release)) return null
  const dirs = searchDirs(env)
  const tools = await Promise.all(['apt-get', 'dpkg', 'dpkg-deb'].map((tool) => candidates(tool, dirs)))
  const fetchable = tools.every((found) => found.length > 0)
  const architecture = fetchable ? await dpkgArchitecture(env, signal) : architectures[process.arch]
  return architecture === undefined ? null : { ...describeDistribution(release, architecture), fetchable }
}

async function dpkgArchitecture(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string | undefined> {
  const { code, output } = await runToEnd('dpkg', ['--print-architecture'], { env, signal })
  return code === 0 ? output.trim() : undefined
}

async function read(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}
