/** The system lets a user have only so much (setrlimit(2)). */
import { readdirSync, readFileSync } from 'node:fs'
import { ExitCode } from '../../../bench/errors.ts'
import type { Random } from '../../../bench/stats/random.ts'
import type { FaultClass } from '../fault.ts'
import { someCluster, someRun } from '../subjects.ts'
import { toItsEnd } from '../to-its-end.ts'

interface Limit {
  readonly name: string
  readonly summary: string
  /** Of the shell's `ulimit`. */
  readonly option: string
  readonly names: RegExp
  value(random: Random): number
  missing?(): string | null
}

const limits: readonly Limit[] = [
  {
    name: 'few-files',
    summary: 'hardly any open files are allowed (ulimit -n)',
    option: '-n',
    names: /files?\b|descriptors/i,
    value: (random) => 24 + random.int(100),
  },
  {
    name: 'small-files',
    summary: 'no file may become large (ulimit -f)',
    option: '-f',
    names: /file|space|large|size/i,
    value: (random) => random.int(200),
  },
  {
    name: 'few-processes',
    summary: 'hardly any processes are allowed (ulimit -u)',
    option: '-u',
    names: /process/i,
    // Node itself has a dozen threads, without which it does not begin.
    value: (random) => threadsOfThisUser() + 20 + random.int(60),
    missing: () => (process.getuid?.() === 0 ? 'root is not limited' : null),
  },
]

export const limitClasses: readonly FaultClass[] = limits.map(
  ({ name, summary, option, names, value, missing = () => null }) => ({
    name,
    summary,
    missing,
    async inject(scene, random) {
      const args =
        random.int(2) === 0 ? someCluster(random) : someRun(random, scene.out, { shortest: true }).args
      const seen = await toItsEnd(scene, args, {
        // As far down as it goes where the machine allows less already.
        through: `ulimit ${option} ${value(random)}; exec "$@"`,
      })
      const ends = [ExitCode.pass, ExitCode.harness, ExitCode.usage, ExitCode.trialFailed]
      return { what: seen.line, commands: [{ seen, owed: { ends, names } }] }
    },
  }),
)

/** RLIMIT_NPROC counts threads. */
function threadsOfThisUser(): number {
  const uid = String(process.getuid?.())
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, pid) => {
      const status = statusOf(pid)
      if (/^Uid:\s+(\d+)/m.exec(status)?.[1] !== uid) return sum
      return sum + Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 0)
    }, 0)
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return '' // it has ended meanwhile
  }
}
