/** The project as a repository of its own, with one commit, for what works on repositories. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { project } from './scene.ts'

/** What a gate needs of the project; its dependencies are linked. */
const parts = ['bench', 'servers', 'nginx.conf', 'package.json', 'package-lock.json', '.gitignore']

const identity = [
  '-c',
  'user.name=Faults',
  '-c',
  'user.email=faults@example.invalid',
  '-c',
  'commit.gpgsign=false',
]

/** @param to a folder that does not exist yet @returns it */
export function copyProject(to: string): string {
  mkdirSync(to)
  for (const name of parts) cpSync(join(project, name), join(to, name), { recursive: true })
  symlinkSync(join(project, 'node_modules'), join(to, 'node_modules'))
  const git = (...args: string[]) => execFileSync('git', [...identity, ...args], { cwd: to, stdio: 'pipe' })
  git('init', '--quiet', '--initial-branch=main')
  writeFileSync(join(to, '.git/info/exclude'), 'node_modules\n')
  git('add', '--all', '--', ...parts)
  git('commit', '--quiet', '--message', 'as it is')
  return to
}
