/** The whole project as a repository of its own, to run its command line in and to break it there. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { type TestRepository, testRepository } from './repository.ts'

const project = fileURLToPath(new URL('../../../', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ProjectCopy extends TestRepository {
  /** Replaces one text in a file; it must be there. */
  change(file: string, from: string, to: string): void
  /** Runs the command line. @param onStart takes the process, for signals */
  bench(args: readonly string[], onStart?: (child: ChildProcess) => void): Promise<Ended>
  /** What the command line has left in its temporary folder. */
  leftFolders(): string[]
}

/** With one commit; the dependencies are those of the project itself. */
export function projectCopy(): ProjectCopy {
  const repository = testRepository()
  const temporary = temporaryFolder()
  for (const name of ['bench', 'servers', 'nginx.conf', 'package.json', 'package-lock.json', '.gitignore']) {
    cpSync(join(project, name), join(repository.path, name), { recursive: true })
  }
  symlinkSync(join(project, 'node_modules'), join(repository.path, 'node_modules'))
  writeFileSync(join(repository.path, '.git/info/exclude'), 'node_modules\n')
  repository.commit('base')
  return {
    ...repository,
    change(file, from, to) {
      const path = join(repository.path, file)
      const text = readFileSync(path, 'utf8')
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
      writeFileSync(path, text.replace(from, to))
    },
    async bench(args, onStart = () => {}) {
      const child = spawn(process.execPath, ['bench/cli.ts', ...args], {
        cwd: repository.path,
        env: { ...process.env, TMPDIR: temporary.path },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const text = { stdout: '', stderr: '' }
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (chunk: string) => {
          text[name] += chunk
        })
      }
      onStart(child)
      const [code] = (await once(child, 'close')) as [number | null]
      return { code, ...text }
    },
    leftFolders: () => readdirSync(temporary.path),
    [Symbol.dispose]() {
      repository[Symbol.dispose]()
      temporary[Symbol.dispose]()
    },
  }
}
