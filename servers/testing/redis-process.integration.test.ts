import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openConnection } from './raw-connection.ts'
import { startRedis } from './redis-process.ts'

let folder: string
let temporary: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sessionbench-test-'))
  temporary = await mkdtemp(join(folder, 'tmp-'))
  vi.stubEnv('TMPDIR', temporary)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

test('a program that is not there leaves no folder behind', async () => {
  const started = startRedis('redis', { path: join(folder, 'gone'), env: {} })
  await expect(started).rejects.toThrow(/gone ENOENT/)
  expect(await readdir(temporary)).toEqual([])
})

test('a program that ends before it is ready is quoted, and leaves no folder behind', async () => {
  const path = join(folder, 'redis-server')
  await writeFile(path, `#!/bin/sh\necho "$LIBRARIES are too old"\nexit 1\n`, { mode: 0o755 })
  const started = startRedis('redis', { path, env: { LIBRARIES: 'my libraries' } })
  await expect(started).rejects.toThrow(/redis-server ended \(1\):\nmy libraries are too old/)
  expect(await readdir(temporary)).toEqual([])
})

test('it wants a password, which no command line shows, also when it has been started again', async () => {
  await using redis = await startRedis()
  const { password, port } = new URL(redis.url)
  expect(password).toMatch(/^[0-9a-f]{48}$/)
  for (let start = 0; start < 2; start += 1) {
    const connection = await openConnection(Number(port))
    connection.send('FLUSHALL\r\n')
    await connection.receives('-NOAUTH')
    connection.send(`AUTH ${password}\r\nFLUSHALL\r\n`)
    await connection.receives('-NOPERM')
    connection.socket.destroy()
    await redis.kill()
    await redis.start()
  }
  if (process.platform !== 'linux') return
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const commandLines = processes.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
  expect((await Promise.all(commandLines)).join('\n')).not.toContain(password)
})

test('one that is disposed of leaves neither folder nor process behind', async () => {
  const redis = await startRedis()
  expect(await readdir(temporary)).toHaveLength(1)
  await redis[Symbol.asyncDispose]()
  expect(await readdir(temporary)).toEqual([])
})
