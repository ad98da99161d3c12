/** The folders that are measured: what is in them, and that nothing of them is left. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { EnvironmentError, UsageError } from '../errors.ts'
import { isRunning, type ProcessId, processId } from '../processes/process-table.ts'
import { type TemporaryFolder, temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { type CheckoutPlace, checkOutBoth } from './checkouts.ts'
import { projectFiles, testRepository } from './testing/repository.ts'

const quiet = () => {}
const signal = new AbortController().signal
const baseOf = (commit: string) => ({ commit, described: 'a test', prefix: '', isHead: false })
const at = (folder: TemporaryFolder, remember: CheckoutPlace['remember'] = () => {}) => ({
  folder: join(folder.path, 'gate'),
  remember,
})
const listing = (path: string) => readdirSync(path, { recursive: true }).map(String).sort()

afterEach(() => vi.unstubAllEnvs())

test('base is the commit, head the working tree with its changes and new files; both have dependencies', async () => {
  using repository = testRepository()
  using folder = temporaryFolder()
  repository.write(projectFiles)
  const commit = repository.commit('first')
  repository.write({ 'servers/replica.ts': 'export const changed = 1\n', 'servers/new.ts': 'export {}\n' })
  {
    await using both = await checkOutBoth(repository.path, baseOf(commit), at(folder), quiet, signal)
    expect(readFileSync(join(both.base, 'servers/replica.ts'), 'utf8')).toBe(
      projectFiles['servers/replica.ts'],
    )
    expect(readFileSync(join(both.head, 'servers/replica.ts'), 'utf8')).toContain('changed')
    expect(existsSync(join(both.head, 'servers/new.ts'))).toBe(true)
    for (const side of [both.base, both.head]) expect(existsSync(join(side, 'node_modules/.keep'))).toBe(true)
    // Edits made while it is measured do not count.
    repository.write({ 'servers/replica.ts': 'export const later = 1\n' })
    expect(readFileSync(join(both.head, 'servers/replica.ts'), 'utf8')).not.toContain('later')
  }
  expect(existsSync(join(folder.path, 'gate'))).toBe(false)
  expect(existsSync(join(repository.path, 'node_modules/.keep'))).toBe(true)
})

test('another lock file has its own dependencies installed', async () => {
  using repository = testRepository()
  using folder = temporaryFolder()
  repository.write(projectFiles)
  const commit = repository.commit('first')
  repository.write({ 'package-lock.json': projectFiles['package-lock.json'].replace('1.0.0', '1.0.1') })
  const said: string[] = []
  await using both = await checkOutBoth(
    repository.path,
    baseOf(commit),
    at(folder),
    (line) => said.push(line),
    signal,
  )
  expect(said).toEqual([expect.stringContaining('another package-lock.json')])
  expect(existsSync(join(both.base, 'node_modules/.keep'))).toBe(false)
})

test('dependencies that cannot be installed: what npm said, and nothing left', async () => {
  using repository = testRepository()
  using folder = temporaryFolder()
  repository.write({ ...projectFiles, 'package-lock.json': 'no lock file' })
  const commit = repository.commit('broken')
  repository.write({ 'package-lock.json': projectFiles['package-lock.json'] })
  const checkout = checkOutBoth(repository.path, baseOf(commit), at(folder), quiet, signal)
  await expect(checkout).rejects.toThrow(EnvironmentError)
  await expect(checkout).rejects.toThrow(/dependencies of the base cannot be installed \(npm ci\):\n.*npm/s)
  expect(existsSync(join(folder.path, 'gate'))).toBe(false)
})

test('without npm it says that npm cannot be run', async () => {
  using repository = testRepository()
  using folder = temporaryFolder()
  repository.write(projectFiles)
  const commit = repository.commit('first')
  repository.write({ 'package-lock.json': projectFiles['package-lock.json'].replace('1.0.0', '1.0.1') })
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  symlinkSync(git, join(folder.path, 'git'))
  vi.stubEnv('PATH', folder.path)
  const checkout = checkOutBoth(repository.path, baseOf(commit), at(folder), quiet, signal)
  await expect(checkout).rejects.toThrow(EnvironmentError)
  await expect(checkout).rejects.toThrow('cannot be installed (npm ci):\n  spawn npm ENOENT')
})

test('an interruption ends npm with all that it has started, and a killed gate has it written down', async () => {
  using repository = testRepository()
  using folder = temporaryFolder()
  repository.write(projectFiles)
  const commit = repository.commit('first')
  repository.write({ 'package-lock.json': projectFiles['package-lock.json'].replace('1.0.0', '1.0.1') })
  const started = join(folder.path, 'started')
  const npm = `#!/bin/sh\nsleep 600 &\necho $! >'${started}.new'; mv '${started}.new' '${started}'\nwait\n`
  writeFileSync(join(folder.path, 'npm'), npm, { mode: 0o755 })
  vi.stubEnv('PATH', `${folder.path}:${process.env.PATH}`)
  const controller = new AbortController()
  const remembered: ProcessId[] = []
  const place = at(folder, (leader) => remembered.push(leader))
  const checkout = checkOutBoth(repository.path, baseOf(commit), place, quiet, controller.signal)
  await until(() => existsSync(started))
  const both = [...remembered, processId(Number(readFileSync(started, 'utf8')))]
  expect(both.map(isRunning)).toEqual([true, true])
  controller.abort(new DOMException('stop', 'AbortError'))
  await expect(checkout).rejects.toThrow('stop')
  await until(() => !both.some(isRunning))
})

test('a base without servers/ is refused, and nothing left', async () => {
  using repository = testRepository()
  using folder = temporaryFolder()
  repository.write({ 'README.md': 'before there was any code' })
  const commit = repository.commit('first')
  repository.write(projectFiles)
  const checkout = checkOutBoth(repository.path, baseOf(commit), at(folder), quiet, signal)
  await expect(checkout).rejects.toThrow(UsageError)
  await expect(checkout).rejects.toThrow(/has no servers\/replica.ts.*--against REF/)
  expect(existsSync(join(folder.path, 'gate'))).toBe(false)
})

test('an interrupted checkout leaves nothing', async () => {
  using repository = testRepository()
  using folder = temporaryFolder()
  repository.write(projectFiles)
  const commit = repository.commit('first')
  const gone = AbortSignal.abort(new DOMException('stop', 'AbortError'))
  const checkout = checkOutBoth(repository.path, baseOf(commit), at(folder), quiet, gone)
  await expect(checkout).rejects.toThrow('stop')
  expect(existsSync(join(folder.path, 'gate'))).toBe(false)
})

test('a killed gate leaves nothing in the repository, for all that git knows of it is in the folder', async () => {
  using repository = testRepository()
  using folder = temporaryFolder()
  repository.write(projectFiles)
  const commit = repository.commit('first')
  const before = listing(join(repository.path, '.git'))
  // Never disposed of.
  await checkOutBoth(repository.path, baseOf(commit), at(folder), quiet, signal)
  expect(listing(join(repository.path, '.git'))).toEqual(before)
})

test('a project in a folder of its repository is checked out with what stands around it', async () => {
  using repository = testRepository()
  using folder = temporaryFolder()
  const inside = Object.entries(projectFiles).map(([name, text]) => [`bench of ours/${name}`, text])
  repository.write({ ...Object.fromEntries(inside), 'shared/config.ts': 'export {}\n' })
  const commit = repository.commit('first')
  const project = join(repository.path, 'bench of ours')
  const base = { ...baseOf(commit), prefix: 'bench of ours/' }
  await using both = await checkOutBoth(project, base, at(folder), quiet, signal)
  expect(existsSync(join(both.base, 'servers/replica.ts'))).toBe(true)
  expect(existsSync(join(both.base, '../shared/config.ts'))).toBe(true)
})

test('hooks of the repository are not run', async () => {
  using repository = testRepository()
  using folder = temporaryFolder()
  repository.write(projectFiles)
  const commit = repository.commit('first')
  const hook = join(repository.path, '.git/hooks/post-checkout')
  writeFileSync(hook, `#!/bin/sh\ntouch '${folder.path}/hook-was-run'\nexit 1\n`, { mode: 0o755 })
  await using _both = await checkOutBoth(repository.path, baseOf(commit), at(folder), quiet, signal)
  expect(existsSync(join(folder.path, 'hook-was-run'))).toBe(false)
})
