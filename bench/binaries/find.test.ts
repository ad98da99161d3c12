import { chmod, chown, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type FindOptions, findBinaries } from './find.ts'
import { appears, fakeProgram, says, temporaryFolder } from './fixtures.ts'
import { writeDate } from './renewal.ts'

const signal = new AbortController().signal
const distribution = { label: 'Debian', key: 'debian-12-amd64', architecture: 'amd64', fetchable: true }

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

describe('a cached program', () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 3_600_000)

  /** A cache with a redis-server in it that was fetched some days ago. */
  async function cacheWithRedis(fetched: Date | null = daysAgo(3)) {
    const folder = await temporaryFolder()
    const cache = join(folder.path, 'sessionbench')
    const tree = join(cache, distribution.key, 'redis-server')
    const path = await fakeProgram(join(tree, 'usr/bin/redis-server'), says.redis('7.0.15'))
    if (fetched !== null) await writeDate(tree, 'fetched', fetched)
    const notices: string[] = []
    const find = (options: Partial<FindOptions> = {}) =>
      findBinaries(['redis-server'], {
        env: { XDG_CACHE_HOME: folder.path },
        signal,
        notify: (line) => notices.push(line),
        searchDirs: [],
        distribution,
        ...options,
      })
    return { ...folder, home: folder.path, cache, tree, path, notices, find }
  }

  test('is used as it is, with its libraries, before anything is fetched', async () => {
    const fetched = daysAgo(29)
    await using cached = await cacheWithRedis(fetched)
    const libraries = join(cached.tree, 'usr/lib/x86_64-linux-gnu')
    await mkdir(libraries, { recursive: true, mode: 0o755 })
    await writeFile(join(libraries, 'libjemalloc.so.2'), '', { mode: 0o644 })
    const env = { XDG_CACHE_HOME: cached.home, LD_LIBRARY_PATH: '/mine' }
    expect((await cached.find({ env }))['redis-server']).toEqual({
      name: 'redis-server',
      path: cached.path,
      version: '7.0.15',
      source: 'cache',
      env: { LD_LIBRARY_PATH: `${libraries}:/mine` },
      dates: { fetched, tried: null },
    })
    expect(cached.notices).toEqual([])
  })

  test('is used although nothing can be fetched here, however old it is', async () => {
    await using cached = await cacheWithRedis(daysAgo(400))
    const found = await cached.find({ distribution: { ...distribution, fetchable: false } })
    expect(found['redis-server']).toMatchObject({ path: cached.path, source: 'cache' })
    expect(cached.notices).toEqual([])
  })

  test.each([
    ['31 days ago', daysAgo(31)],
    ['at an unknown time', null],
  ])(
    'that was fetched %s is fetched anew; where that fails it is used on, and not tried again today',
    async (age, fetched) => {
      await using cached = await cacheWithRedis(fetched)
      const bin = join(cached.home, 'bin')
      await fakeProgram(join(bin, 'apt-get'), 'E: no network', 100)
      const options = { env: { PATH: bin, XDG_CACHE_HOME: cached.home } }
      expect((await cached.find(options))['redis-server'].path).toBe(cached.path)
      expect(cached.notices).toEqual([
        `fetching redis-server anew from Debian's packages: fetched ${age}`,
        expect.stringMatching(
          new RegExp(
            `^could not fetch redis-server from Debian's packages .*; what was fetched ${age} is used$`,
          ),
        ),
      ])
      expect((await cached.find(options))['redis-server'].path).toBe(cached.path)
      expect(cached.notices).toHaveLength(2)
      expect((await readdir(cached.cache)).filter((name) => name.startsWith('.'))).toEqual([])
    },
  )

  test.each([
    ['program', (cached: { tree: string }) => join(cached.tree, 'usr/bin/redis-server')],
    ['folder', (cached: { tree: string }) => join(cached.tree, 'usr')],
    ['tree', (cached: { tree: string }) => cached.tree],
  ])('is not run when others may write to its %s', async (_, place) => {
    await using cached = await cacheWithRedis()
    await chmod(place(cached), 0o777)
    const found = cached.find({ distribution: { ...distribution, fetchable: false } })
    await expect(found).rejects.toMatchObject({
      code: 'broken',
      message: expect.stringContaining(`${place(cached)} may be written to by other users (mode 777)`),
    })
  })

  test.each([
    ['cache', (cached: { cache: string }) => cached.cache],
    ['folder of the distribution', (cached: { cache: string }) => join(cached.cache, distribution.key)],
  ])('is not run when others may write to the %s, and nothing is fetched into it', async (_, place) => {
    await using cached = await cacheWithRedis()
    await chmod(place(cached), 0o770)
    await expect(cached.find()).rejects.toMatchObject({
      code: 'broken',
      message: expect.stringMatching(
        / is not used: .* may be written to by other users \(mode 770\)\n.*XDG_CACHE_HOME/,
      ),
    })
    expect(cached.notices).toEqual([])
  })

  // Only root can give a file away.
  test.runIf(process.getuid?.() === 0)('is not run when it belongs to another user', async () => {
    await using cached = await cacheWithRedis()
    await chown(cached.path, 65_534, 65_534)
    const found = cached.find({ distribution: { ...distribution, fetchable: false } })
    await expect(found).rejects.toThrow(`${cached.path} belongs to another user (number 65534)`)
    await chown(cached.cache, 65_534, 65_534)
    await expect(cached.find()).rejects.toThrow(`${cached.cache} belongs to another user (number 65534)`)
  })
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
