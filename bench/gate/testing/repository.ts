/** A small real git repository that looks like the project, gone when the test is over. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '../../testing/temporary-folder.ts'

export interface TestRepository extends TemporaryFolder {
  git(...args: string[]): string
  write(files: Readonly<Record<string, string>>): void
  /** Commits everything, and returns the commit. */
  commit(message: string): string
}

const identity = [
  '-c',
  'user.name=Test',
  '-c',
  'user.email=test@example.invalid',
  '-c',
  'commit.gpgsign=false',
]

/** A repository with a branch `main` and no commit. */
export function testRepository(): TestRepository {
  const folder = temporaryFolder()
  const run = (...args: string[]) =>
    execFileSync('git', [...identity, ...args], { cwd: folder.path, encoding: 'utf8', stdio: 'pipe' }).trim()
  run('init', '--quiet', '--initial-branch=main')
  return {
    path: folder.path,
    git: run,
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder.path, name)), { recursive: true })
        writeFileSync(join(folder.path, name), text)
      }
    },
    commit(message) {
      run('add', '--all')
      run('commit', '--quiet', '--allow-empty', '--message', message)
      return run('rev-parse', 'HEAD')
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

/** What a checkout needs for being measured, with no dependencies. */
export const projectFiles = {
  'package.json': '{"name":"small","version":"1.0.0","type":"module"}',
  'package-lock.json':
    '{"name":"small","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"small","version":"1.0.0"}}}',
  'servers/replica.ts': 'export {}\n',
  'node_modules/.keep': '',
  '.gitignore': 'node_modules/\n',
}
