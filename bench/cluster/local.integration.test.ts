/** What only a driver of this machine's own processes can be held to without asking anybody else to end them. */
import { once } from 'node:events'
import { existsSync, globSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { strategies } from '../../servers/strategies/index.ts'
import { EnvironmentError } from '../errors.ts'
import { foundBinaries } from '../testing/binaries.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { localDriver } from './local.ts'
import { openWorkspace } from './workspace.ts'

/** Ports that are called free although they are not any more, before those that are. */
const lost = vi.hoisted((): number[] => [])
vi.mock(import('./ports.ts'), async (load) => {
  const real = await load()
  return { ...real, freePort: async () => lost.shift() ?? real.freePort() }
})

const memory = strategies.find(({ name }) => name === 'memory')!

afterEach(() => vi.unstubAllEnvs())

// The system makes no folders there, and Node's own way of making them does not end.
test.runIf(existsSync('/proc/self'))(
  'a cluster starts also where nothing can be kept between runs',
  async () => {
    vi.stubEnv('XDG_CACHE_HOME', '/proc/self')
    using workspace = openWorkspace()
    await using driver = localDriver(foundBinaries(), workspace)
    await using cluster = await driver.start({ strategy: memory, replicas: 1 }, AbortSignal.timeout(60_000))
    expect((await fetch(new URL('/healthz', cluster.entry))).status).toBe(200)
  },
)

test('a member that ended by itself is noticed when it is next used, also by whoever wants to end it', async () => {
  using workspace = openWorkspace()
  await using driver = localDriver(foundBinaries(), workspace)
  await using cluster = await driver.start({ strategy: memory, replicas: 1 }, AbortSignal.timeout(60_000))
  const [replica] = cluster.replicas
  workspace.killAll()
  const said = () => replica!.cpuMicros().then(() => 'alive', String)
  await until(async () => (await said()) !== 'alive')
  expect(await said()).toMatch(/replica-1 ended by itself \(SIGKILL\); its last words:\n.*listening/s)
  for (const use of ['stop', 'kill', 'memoryBytes'] as const) {
    await expect(replica![use](), use).rejects.toMatchObject({ name: 'ClusterError', ended: 'replica-1' })
  }
  await replica!.start()
  expect(await replica!.cpuMicros()).not.toBeNaN()
})

/** Serves, and writes some 50 MB a second. */
const talkativeReplica = `
import { createServer } from 'node:http'
const { HOST, PORT, REPLICA_NAME } = process.env
createServer((_, answer) => answer.setHeader('X-Replica', REPLICA_NAME).end('{}')).listen(Number(PORT), HOST)
setInterval(() => process.stdout.write('on and on\\n'.repeat(25_000)), 5)
`

test('a replica that writes without end gets no more than its part of the disk, and serves on', async () => {
  using checkout = temporaryFolder()
  mkdirSync(join(checkout.path, 'servers'))
  writeFileSync(join(checkout.path, 'package.json'), '{"type":"module"}')
  writeFileSync(join(checkout.path, 'servers', 'replica.ts'), talkativeReplica)
  using workspace = openWorkspace()
  await using driver = localDriver(foundBinaries(), workspace, checkout.path)
  await using cluster = await driver.start({ strategy: memory, replicas: 1 }, AbortSignal.timeout(60_000))
  const [log] = globSync('**/replica-1.log', { cwd: workspace.path })
  let longest = 0
  // It grows until it is cut.
  await until(() => {
    const { size } = statSync(join(workspace.path, log!))
    longest = Math.max(longest, size)
    return size < longest
  })
  expect((await fetch(new URL('/healthz', cluster.entry))).status).toBe(200)
  expect(cluster.replicas[0]!.logTail()).toContain('on and on')
})

/** Somebody else, who answers everything as if it were the cluster. */
async function squatter() {
  const server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

// A cluster of one replica takes its ports in this order.
test.each(['redis', 'replica-1', 'nginx'])('%s gets another port when its own was lost', async (member) => {
  using workspace = openWorkspace()
  await using other = await squatter()
  await using driver = localDriver(foundBinaries(), workspace)
  const redis = strategies.find(({ name }) => name === 'redis')!
  const signal = AbortSignal.timeout(60_000)
  if (member === 'nginx') {
    // The first one goes to the replica.
    await using before = await driver.start({ strategy: memory, replicas: 1 }, signal)
    const free = Number(before.entry.port)
    await before[Symbol.asyncDispose]()
    lost.push(free)
  }
  lost.push(other.port)
  const strategy = member === 'redis' ? redis : memory
  await using cluster = await driver.start({ strategy, replicas: 1 }, signal)
  expect(lost).toEqual([])
  expect(Number(cluster.entry.port)).not.toBe(other.port)
  const reply = await fetch(new URL('/healthz', cluster.entry))
  expect(await reply.json()).toEqual({ ready: true, replica: 'replica-1' })
})

test('a machine on which every port is lost is named', async () => {
  using workspace = openWorkspace()
  await using other = await squatter()
  await using driver = localDriver(foundBinaries(), workspace)
  // Three times a replica's and the entry's.
  lost.push(...new Array<number>(6).fill(other.port))
  const starting = driver.start({ strategy: memory, replicas: 1 }, AbortSignal.timeout(60_000))
  await expect(starting).rejects.toThrow(EnvironmentError)
  await expect(starting).rejects.toThrow(
    new RegExp(
      `^(replica-1|nginx) has lost its port ${other.port} to another program, and so it went 3 times`,
    ),
  )
  expect(lost).toEqual([])
})
