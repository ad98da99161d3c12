import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findBinaries } from './find.ts'
import { appears, fakeProgram, says, temporaryFolder } from './fixtures.ts'

const signal = new AbortController().signal
const distribution = { label: 'Debian', key: 'debian-12-amd64', architecture: 'amd64' }

test('the first program of the search path that runs is taken', async () => {
  await using folder = await temporaryFolder()
  const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder.path, name)) as [string, string, string]
  await fakeProgram(join(a, 'nginx'), 'error while loading shared libraries', 127)
  await mkdir(join(a, 'redis-server'), { recursive: true })
  const nginx = await fakeProgram(join(b, 'nginx'), says.nginx('1.24.0'))
  await fakeProgram(join(c, 'nginx'), says.nginx('1.26.0'))
  const redis = await fakeProgram(join(c, 'redis-server'), says.redis('7.2.4'))
  const found = await findBinaries(['nginx', 'redis-server'], {
    env: { HOME: folder.path },
    signal,
    searchDirs: [a, b, c],
    distribution: null,
  })
  expect(found).toEqual({
    nginx: { name: 'nginx', path: nginx, version: '1.24.0', source: 'path', env: {} },
    'redis-server': { name: 'redis-server', path: redis, version: '7.2.4', source: 'path', env: {} },
  })
})

test('the environment variable overrules the search path', async () => {
  await using folder = await temporaryFolder()
  await fakeProgram(join(folder.path, 'nginx'), says.nginx('1.24.0'))
  const mine = await fakeProgram(join(folder.path, 'mine'), says.nginx('1.29.0'))
  const env = { HOME: folder.path, SESSIONBENCH_NGINX: mine }
  const options = { env, signal, searchDirs: [folder.path], distribution: null }
  const { nginx } = await findBinaries(['nginx'], options)
  expect(nginx).toMatchObject({ path: mine, version: '1.29.0', source: 'env' })
})

test('an environment variable that names nothing runnable is an error, never something else', async () => {
  await using folder = await temporaryFolder()
  await fakeProgram(join(folder.path, 'nginx'), says.nginx('1.24.0'))
  const text = join(folder.path, 'text')
  await writeFile(text, 'not a program')
  const other = await fakeProgram(join(folder.path, 'other'), 'something else')
  for (const path of [join(folder.path, 'gone'), folder.path, text, other]) {
    const env = { HOME: folder.path, SESSIONBENCH_NGINX: path }
    const found = findBinaries(['nginx'], { env, signal, searchDirs: [folder.path], distribution })
    await expect(found).rejects.toMatchObject({
      code: 'broken',
      message: expect.stringContaining(`SESSIONBENCH_NGINX names ${path}`),
    })
  }
})

test('a program that is too old is named with what was found and expected', async () => {
  await using folder = await temporaryFolder()
  const path = await fakeProgram(join(folder.path, 'redis-server'), says.redis('5.0.7'))
  const options = { env: { HOME: folder.path }, signal, searchDirs: [folder.path], distribution }
  await expect(findBinaries(['redis-server'], options)).rejects.toMatchObject({
    code: 'too-old',
    message: expect.stringMatching(
      new RegExp(`found 5\\.0\\.7 at ${path}, expected 6\\.0\\.0 or newer[\\s\\S]*brew install`),
    ),
  })
})

test('a newer program further on makes up for an old one', async () => {
  await using folder = await temporaryFolder()
  await fakeProgram(join(folder.path, 'old', 'nginx'), says.nginx('1.14.2'))
  const path = await fakeProgram(join(folder.path, 'new', 'nginx'), says.nginx('1.22.1'))
  const dirs = ['old', 'new'].map((name) => join(folder.path, name))
  const options = { env: { HOME: folder.path }, signal, searchDirs: dirs, distribution: null }
  expect((await findBinaries(['nginx'], options)).nginx.path).toBe(path)
})

test('a cached program is used as it is, with its libraries, before anything is fetched', async () => {
  await using folder = await temporaryFolder()
  const tree = join(folder.path, 'sessionbench', distribution.key, 'redis-server')
  const path = await fakeProgram(join(tree, 'usr/bin/redis-server'), says.redis('7.0.15'))
  const libraries = join(tree, 'usr/lib/x86_64-linux-gnu')
  await mkdir(libraries, { recursive: true })
  await writeFile(join(libraries, 'libjemalloc.so.2'), '')
  const env = { XDG_CACHE_HOME: folder.path, LD_LIBRARY_PATH: '/mine' }
  const notices: string[] = []
  const notify = (line: string) => notices.push(line)
  const found = await findBinaries(['redis-server'], { env, signal, notify, searchDirs: [], distribution })
  expect(found['redis-server']).toEqual({
    name: 'redis-server',
    path,
    version: '7.0.15',
    source: 'cache',
    env: { LD_LIBRARY_PATH: `${libraries}:/mine` },
  })
  expect(notices).toEqual([])
})

test('where nothing can be fetched, one error names everything missing and how to get it', async () => {
  const options = { env: { HOME: '/nowhere' }, signal, searchDirs: [], distribution: null }
  await expect(findBinaries(['nginx', 'redis-server'], options)).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringMatching(
      /^nginx and redis-server are needed[\s\S]*apt-get install nginx redis-server\n/,
    ),
  })
})

test('a cache folder that cannot be made is named, with what to try', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'file')
  await writeFile(file, '')
  const options = { env: { XDG_CACHE_HOME: file }, signal, searchDirs: [], distribution }
  await expect(findBinaries(['nginx'], options)).rejects.toMatchObject({
    code: 'fetch-failed',
    message: expect.stringMatching(/(EEXIST|ENOTDIR)[\s\S]*set XDG_CACHE_HOME/),
  })
})

test('an abort ends a program that does not answer, and its reason is thrown', async () => {
  await using folder = await temporaryFolder()
  const ready = join(folder.path, 'ready')
  const path = join(folder.path, 'nginx')
  await writeFile(path, `#!/bin/sh\necho yes > ${ready}\nsleep 600\n`, { mode: 0o755 })
  const controller = new AbortController()
  const options = {
    env: process.env,
    signal: controller.signal,
    searchDirs: [folder.path],
    distribution: null,
  }
  const found = findBinaries(['nginx'], options)
  found.catch(() => {})
  await appears(ready)
  controller.abort(new Error('enough'))
  await expect(found).rejects.toThrow('enough')
})
