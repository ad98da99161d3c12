/** Finds out what a run was made with: code, versions, machine. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { RunRecord } from './run-record.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))

/** Packages whose version can change a result. */
const packages = [
  'express',
  'express-session',
  'cookie-session',
  'connect-redis',
  'redis',
  'autocannon',
  'undici',
  'tough-cookie',
]

/** The part of a run's record that says what it was made with. */
export function provenance(): Pick<RunRecord, 'commit' | 'dirty' | 'machine' | 'versions'> {
  const status = git('status', '--porcelain')
  return {
    commit: git('rev-parse', 'HEAD'),
    dirty: status === null ? null : status !== '',
    machine: {
      platform: `${process.platform}-${process.arch}`,
      cpuModel: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      loadBefore: loadavg()[0] ?? 0,
    },
    versions: Object.fromEntries([
      ['sessionbench', versionIn('package.json')],
      ...packages.map((name) => [name, versionIn(`node_modules/${name}/package.json`)]),
    ]),
  }
}

function versionIn(file: string): string {
  const { version } = JSON.parse(readFileSync(`${project}${file}`, 'utf8')) as { version: string }
  return version
}

/** `null` when there is no git, or the project is not a checkout: a copy can be measured as well. */
function git(...args: string[]): string | null {
  try {
    return execFileSync('git', args, {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return null
  }
}
