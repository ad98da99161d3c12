/** How the base is found in real repositories, and what is said when it cannot be. */
import { execFileSync } from 'node:child_process'
import { afterEach, expect, test, vi } from 'vitest'
import { EnvironmentError, UsageError } from '../errors.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { findBase } from './base-commit.ts'
import { projectFiles, testRepository } from './testing/repository.ts'

afterEach(() => vi.unstubAllEnvs())

test('without a ref it is where head left the main branch', async () => {
  using repository = testRepository()
  const left = repository.commit('first')
  repository.git('switch', '--quiet', '--create', 'topic')
  repository.commit('on the topic')
  expect(await findBase(repository.path, {})).toEqual({
    commit: left,
    described: 'where it left main',
    prefix: '',
    isHead: false,
  })
})

test('a ref may be a branch, a tag or a commit; a pull request says its own', async () => {
  using repository = testRepository()
  const first = repository.commit('first')
  repository.git('tag', 'v1')
  repository.git('branch', 'release')
  repository.commit('second')
  for (const ref of ['v1', 'release', first.slice(0, 8)]) {
    expect((await findBase(repository.path, { ref })).commit).toBe(first)
  }
  expect((await findBase(repository.path, { pullRequestBase: 'release' })).commit).toBe(first)
})

test('it tells whether head is the base itself, uncommitted changes counted', async () => {
  using repository = testRepository()
  repository.write(projectFiles)
  repository.commit('first')
  expect(await findBase(repository.path, { ref: 'HEAD' })).toMatchObject({ isHead: true })
  repository.write({ 'servers/replica.ts': 'export const changed = true\n' })
  expect(await findBase(repository.path, { ref: 'HEAD' })).toMatchObject({ isHead: false })
})

test('a project in a folder of its repository is found there', async () => {
  using repository = testRepository()
  repository.write({ 'apps/shop/package.json': '{}' })
  repository.commit('first')
  expect((await findBase(`${repository.path}/apps/shop`, { ref: 'main' })).prefix).toBe('apps/shop/')
})

test.each(['v9', '--help', 'a b', ''])('unknown ref %j', async (ref) => {
  using repository = testRepository()
  repository.commit('first')
  const found = findBase(repository.path, { ref })
  await expect(found).rejects.toThrow(UsageError)
  await expect(found).rejects.toThrow(`unknown ref '${ref}'; expected a branch, tag or commit`)
})

test('in a shallow clone, as CI makes it, it says how to fetch the base', async () => {
  using origin = testRepository()
  origin.commit('first')
  origin.git('switch', '--quiet', '--create', 'topic')
  origin.commit('second')
  using folder = temporaryFolder()
  execFileSync('git', [
    'clone',
    '--quiet',
    '--depth=1',
    '--branch=topic',
    `file://${origin.path}`,
    folder.path,
  ])
  execFileSync('git', ['remote', 'set-head', 'origin', '--delete'], { cwd: folder.path })
  await expect(findBase(folder.path, {})).rejects.toThrow(
    /no main branch found.*--against REF.*is shallow.*fetch-depth: 0/,
  )
  await expect(findBase(folder.path, { ref: 'main' })).rejects.toThrow(/unknown ref 'main'.*--unshallow/)
})

test('a folder that is no repository, and one without a commit', async () => {
  using folder = temporaryFolder()
  await expect(findBase(folder.path, {})).rejects.toThrow(/expected a clone.*not a git repository/)
  using repository = testRepository()
  await expect(findBase(repository.path, {})).rejects.toThrow('has no commit yet')
})

test('a repository of somebody else, as in a container of CI, is refused with the way out that git tells', async () => {
  using repository = testRepository()
  repository.commit('first')
  vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1')
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null') // the machine may trust every folder
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1')
  const found = findBase(repository.path, {})
  await expect(found).rejects.toThrow(UsageError)
  await expect(found).rejects.toThrow(/dubious ownership.*git config --global --add safe\.directory/s)
})

test('without git it says that git is needed', async () => {
  using empty = temporaryFolder()
  vi.stubEnv('PATH', empty.path)
  const found = findBase(empty.path, {})
  await expect(found).rejects.toThrow(EnvironmentError)
  await expect(found).rejects.toThrow(
    /git cannot be run: it is not installed, or not in PATH; the gate needs it/,
  )
})
