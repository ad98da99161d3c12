/** Has the real nginx read the configuration that clusters are started with, and serve by it. */
import { once } from 'node:events'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runToEnd } from '../binaries/process-group.ts'
import { foundBinaries } from '../testing/binaries.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { renderIncludes } from './nginx.ts'
import { freePort, releasePorts } from './ports.ts'
import { startProcess } from './process.ts'
import { answersHttp } from './ready.ts'

const configuration = fileURLToPath(new URL('../../nginx.conf', import.meta.url))

/** @returns the arguments by which nginx takes all it needs from `folder` */
function configure(folder: string, includes: Record<string, string>): string[] {
  copyFileSync(configuration, join(folder, 'nginx.conf'))
  for (const [path, text] of Object.entries(includes)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return ['-e', 'stderr', '-p', `${folder}/`, '-c', join(folder, 'nginx.conf')]
}

async function check(includes: Record<string, string>) {
  const { nginx } = foundBinaries()
  using folder = temporaryFolder()
  const args = ['-t', ...configure(folder.path, includes)]
  return await runToEnd(nginx.path, args, { env: { ...process.env, ...nginx.env } })
}

const upstreams = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    name: `replica-${at + 1}`,
    address: `127.0.0.1:${20_001 + at}`,
  }))

test.each([
  ['round-robin', 1],
  ['round-robin', 32],
  ['sticky', 1],
  ['sticky', 3],
  ['sticky', 32],
] as const)('%s over %d replicas is accepted without a word of warning', async (routing, count) => {
  const { code, output } = await check(
    renderIncludes({ listen: '127.0.0.1:20480', upstreams: upstreams(count), routing }),
  )
  expect(output).not.toMatch(/\[(warn|error|crit|alert|emerg)\]/)
  expect(output).toContain('test is successful')
  expect(code).toBe(0)
})

test('and what is wrong would be noticed', async () => {
  const { code, output } = await check(
    renderIncludes({ listen: 'nowhere at all', upstreams: upstreams(1), routing: 'sticky' }),
  )
  expect(output).toContain('[emerg]')
  expect(output).toContain('nowhere')
  expect(code).not.toBe(0)
})

describe('served by it', () => {
  const running = new AsyncDisposableStack()
  let entry: URL
  /** What the app behind it was asked, and the headers that it answers with. */
  let asked: IncomingMessage | undefined
  let answer: Record<string, string | string[]> = {}
  let balancer: Client

  beforeAll(async () => {
    const folder = running.use(temporaryFolder())
    const app = createServer((request, response) => {
      asked = request
      response.writeHead(200, answer).end('{}')
    }).listen(0, '127.0.0.1')
    await once(app, 'listening')
    running.defer(() => void app.close(() => {}))
    running.defer(() => app.closeAllConnections())
    const address = `127.0.0.1:${(app.address() as AddressInfo).port}`
    const port = await freePort()
    running.defer(() => releasePorts([port]))
    entry = new URL(`http://127.0.0.1:${port}`)
    const { nginx } = foundBinaries()
    const upstreams = [{ name: 'replica-1', address }]
    const args = configure(
      folder.path,
      renderIncludes({ listen: entry.host, upstreams, routing: 'round-robin' }),
    )
    const started = await startProcess({
      name: 'nginx',
      command: nginx.path,
      args: [...args, '-g', 'daemon off;'],
      env: { PATH: process.env.PATH ?? '', ...nginx.env },
      cwd: folder.path,
      logFile: join(folder.path, 'nginx.log'),
      onStart: () => {},
    })
    running.defer(() => started.stop(2_000))
    await until(() => answersHttp(new URL('/healthz', entry), AbortSignal.timeout(10_000)))
    balancer = new Client(entry.origin)
    running.defer(() => balancer.destroy())
  })
  afterAll(() => running.disposeAsync())

  async function get(headers: Record<string, string> = {}) {
    asked = undefined
    const {
      statusCode,
      headers: answered,
      body,
    } = await balancer.request({ path: '/', method: 'GET', headers })
    await body.dump()
    return { status: statusCode, headers: answered }
  }

  test('an app is told the address that a visitor has, not the one that the visitor claims', async () => {
    await get({ 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https' })
    expect(asked?.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      host: entry.host,
    })
  })

  test.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', '192.168.0.1'])(
    'a request for the host %j is hung up on, and the app never sees it',
    async (host) => {
      await expect(get({ host })).rejects.toThrow(/other side closed/)
      expect(asked).toBeUndefined()
    },
  )

  test.each(['127.0.0.1', 'localhost', 'LocalHost:1234'])('one for %s is answered', async (host) => {
    expect(await get({ host })).toMatchObject({ status: 200 })
    expect(asked?.headers.host).toBe(host)
  })

  test('cookies as large as browsers take them come through, in both directions', async () => {
    const cookies = [1, 2, 3].map((number) => `c${number}=${'x'.repeat(4_093)}`)
    answer = { 'Set-Cookie': cookies.map((cookie) => `${cookie}; Path=/; HttpOnly; SameSite=Lax`) }
    const { status, headers } = await get({ Cookie: cookies.join('; ') })
    expect(status).toBe(200)
    expect(headers['set-cookie']).toEqual(answer['Set-Cookie'])
    expect(asked?.headers.cookie).toBe(cookies.join('; '))
  })
})
