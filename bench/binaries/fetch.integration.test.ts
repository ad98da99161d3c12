import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { privateApt } from './apt.ts'
import { binaryInTree } from './cache.ts'
import { detectDistribution } from './distribution.ts'
import { findBinaries } from './find.ts'
import { appears, fakeProgram, says, temporaryFolder } from './fixtures.ts'
import { writeDate } from './renewal.ts'

const run = promisify(execFile)
const distribution = await detectDistribution(process.env)
const never = new AbortController().signal

describe.skipIf(!distribution?.fetchable)("the distribution's packages", () => {
  const label = distribution?.label

  test('two runs fetch into one empty cache at the same time, and what they get runs', async () => {
    await using folder = await temporaryFolder()
    const env = {
      ...process.env,
      XDG_CACHE_HOME: folder.path,
      SESSIONBENCH_NGINX: '',
      SESSIONBENCH_REDIS_SERVER: '',
    }
    // What is there and does not run is replaced, and so is what is old.
    const trees = join(folder.path, 'sessionbench', distribution!.key)
    await fakeProgram(join(trees, 'redis-server/usr/bin/redis-server'), 'cannot open shared object file', 127)
    await fakeProgram(join(trees, 'nginx/usr/sbin/nginx'), says.nginx('1.99.0'))
    await writeDate(join(trees, 'nginx'), 'fetched', new Date(Date.now() - 31 * 24 * 3_600_000))
    const began = Date.now()
    const notices: string[] = []
    const find = () =>
      findBinaries(['nginx', 'redis-server'], {
        env,
        signal: never,
        notify: (line) => notices.push(line),
        searchDirs: [],
      })
    const [one, other] = await Promise.all([find(), find()])

    expect(other).toEqual(one)
    for (const binary of Object.values(one)) {
      expect(binary.source).toBe('cache')
      expect(binary.dates?.fetched?.getTime()).toBeGreaterThanOrEqual(began)
      expect(binary.version).not.toBe('1.99.0')
      const { stdout, stderr } = await run(binary.path, [binary.name === 'nginx' ? '-v' : '--version'], {
        env: { ...env, ...binary.env },
      })
      expect(stdout + stderr).toContain(binary.version)
    }
    const line = `fetching redis-server and nginx from ${label}'s packages into ${folder.path}/sessionbench (10 to 30 MB)`
    expect(notices).toEqual([line, line])
    expect(await readdir(join(folder.path, 'sessionbench'))).toEqual([distribution!.key])

    expect(await find()).toEqual(one)
    expect(notices).toHaveLength(2)
  })

  test('libraries that are not installed come along and are used', async () => {
    await using folder = await temporaryFolder()
    // As on a machine without them: the status shown to apt lacks what is built from these sources.
    const absent = ['redis', 'jemalloc', 'liblzf', 'hiredis', 'lua5.1', 'openssl']
    const apt = await privateApt(folder.path, distribution!.architecture, absent, process.env)
    await apt.update(never)
    const tree = join(folder.path, 'tree')
    await mkdir(tree)
    const archives = await apt.download('redis-server', never)
    for (const archive of archives) await run('dpkg-deb', ['-x', archive, tree])
    expect(archives.length).toBeGreaterThan(2)
    expect(await binaryInTree('redis-server', tree, process.env, never)).toMatchObject({
      version: expect.stringMatching(/^\d/),
      env: { LD_LIBRARY_PATH: expect.stringContaining(tree) },
    })
  })

  test('an abort in the middle of the download leaves nothing behind', async () => {
    await using folder = await temporaryFolder()
    const controller = new AbortController()
    // An apt-get that reports its start and then waits for ever, with a child of its own, as downloads have.
    const bin = join(folder.path, 'bin')
    const started = join(folder.path, 'started')
    await mkdir(bin)
    await writeFile(
      join(bin, 'apt-get'),
      `#!/bin/sh\nsleep 600 &\necho $! > '${started}.new'; mv '${started}.new' '${started}'\nwait\n`,
      {
        mode: 0o755,
      },
    )
    const cache = join(folder.path, 'cache')
    const found = findBinaries(['nginx'], {
      env: {
        ...process.env,
        PATH: `${bin}:${process.env.PATH}`,
        XDG_CACHE_HOME: cache,
        SESSIONBENCH_NGINX: '',
      },
      signal: controller.signal,
      searchDirs: [],
    })
    found.catch(() => {})
    const child = await appears(started)
    expect((await readdir(join(cache, 'sessionbench'))).some((name) => name.startsWith('.fetching-'))).toBe(
      true,
    )
    controller.abort(new Error('interrupted by hand'))
    await expect(found).rejects.toThrow('interrupted by hand')
    expect(await readdir(join(cache, 'sessionbench'))).toEqual([distribution!.key])
    expect(await readdir(join(cache, 'sessionbench', distribution!.key))).toEqual([])
    expect(await isRunning(Number(child))).toBe(false)
  })

  test('packages that nobody has signed are refused, also where apt is told to take them', async () => {
    await using folder = await temporaryFolder()
    const source = join(folder.path, 'source')
    await mkdir(source)
    const content = join(folder.path, 'content')
    await fakeProgram(join(content, 'usr/sbin/nginx'), says.nginx('1.99.0'))
    await mkdir(join(content, 'DEBIAN'))
    const control = `Package: nginx\nVersion: 99\nArchitecture: all\nMaintainer: nobody\nDescription: planted\n`
    await writeFile(join(content, 'DEBIAN/control'), control)
    const archive = join(source, 'nginx.deb')
    await run('dpkg-deb', ['-b', content, archive])
    const bytes = await readFile(archive)
    const hash = createHash('sha256').update(bytes).digest('hex')
    const index = `${control}Filename: ./nginx.deb\nSize: ${bytes.length}\nSHA256: ${hash}\n`
    await writeFile(join(source, 'Packages'), index)
    await writeFile(join(folder.path, 'sources.list'), `deb copy:${source} ./\n`)
    const config = join(folder.path, 'apt.conf')
    await writeFile(
      config,
      `Dir::Etc::sourcelist "${folder.path}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Acquire::AllowInsecureRepositories "true";
Acquire::AllowWeakRepositories "true";
Acquire::AllowDowngradeToInsecureRepositories "true";
APT::Get::AllowUnauthenticated "true";
`,
    )
    const found = findBinaries(['nginx'], {
      env: { ...process.env, APT_CONFIG: config, XDG_CACHE_HOME: folder.path, SESSIONBENCH_NGINX: '' },
      signal: never,
      searchDirs: [],
    })
    await expect(found).rejects.toMatchObject({
      code: 'fetch-failed',
      message: expect.stringMatching(/apt-get said: .* does not have a Release file/),
    })
  })

  test('no network: the reason apt gives, and what to try', async () => {
    await using folder = await temporaryFolder()
    const proxy = 'http://127.0.0.1:9'
    const config = join(folder.path, 'apt.conf')
    await writeFile(
      config,
      `Acquire::http::Proxy "${proxy}";\nAcquire::https::Proxy "${proxy}";\nAcquire::Retries "0";\n`,
    )
    const found = findBinaries(['nginx'], {
      env: { ...process.env, APT_CONFIG: config, XDG_CACHE_HOME: folder.path, SESSIONBENCH_NGINX: '' },
      signal: never,
      searchDirs: [],
    })
    await expect(found).rejects.toMatchObject({
      code: 'fetch-failed',
      message: expect.stringMatching(/apt-get said: .*127\.0\.0\.1[\s\S]*check the network/),
    })
    expect((await readdir(join(folder.path, 'sessionbench'))).filter((name) => name.startsWith('.'))).toEqual(
      [],
    )
  })
})

/** Whether a process lives; one that is dead and merely not reaped yet does not. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !/\) Z /.test(stat)
}
