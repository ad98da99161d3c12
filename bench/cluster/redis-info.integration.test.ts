/** What a real Redis server tells, and what happens when nobody tells. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { strategies } from '../../servers/strategies/index.ts'
import { Browser, openConnections } from '../load/browser.ts'
import { foundBinaries } from '../testing/binaries.ts'
import { localDriver } from './local.ts'
import { redisCommandsProcessed } from './redis-info.ts'
import { openWorkspace } from './workspace.ts'

const host = '127.0.0.1'
const signal = new AbortController().signal

test('the store of a cluster counts the commands it processes; one that is gone is named', async () => {
  using workspace = openWorkspace()
  const driver = localDriver(foundBinaries(), workspace)
  const strategy = strategies.find(({ name }) => name === 'redis')!
  await using cluster = await driver.start({ strategy, replicas: 1 }, signal)
  const store = cluster.stores[0]!
  const before = await store.commandsProcessed!()
  const connections = openConnections(cluster.entry, signal)
  const browser = new Browser(connections, cluster.entry)
  for (let visit = 0; visit < 20; visit += 1) await browser.post('/counter')
  expect((await store.commandsProcessed!()) - before).toBeGreaterThanOrEqual(20)
  await connections.close()
  expect(cluster.replicas[0]!.commandsProcessed).toBeUndefined()
  await store.kill()
  await expect(store.commandsProcessed!()).rejects.toThrow(/does not tell how many commands .*ECONNREFUSED/)
})

test.each([
  ['hangs up', '', 'it hung up'],
  ['asks for a password', '-NOAUTH Authentication required.\r\n', 'NOAUTH'],
])('a server that %s is named', async (_, answer, why) => {
  const server = createServer((socket) => socket.end(answer)).listen(0, host)
  await once(server, 'listening')
  await using _closing = { [Symbol.asyncDispose]: async () => void server.close() }
  await expect(redisCommandsProcessed((server.address() as AddressInfo).port, host)).rejects.toThrow(why)
})
