/** What the Redis server of a local cluster tells, and what it refuses. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from 'redis'
import { expect, test } from 'vitest'
import { strategies } from '../../servers/strategies/index.ts'
import { Browser, openConnections } from '../load/browser.ts'
import { foundBinaries } from '../testing/binaries.ts'
import type { Cluster } from './cluster.ts'
import { localDriver } from './local.ts'
import { everyReplicaReady } from './ready.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

const signal = new AbortController().signal

function start(workspace: Workspace): Promise<Cluster> {
  const driver = localDriver(foundBinaries(), workspace)
  const strategy = strategies.find(({ name }) => name === 'redis')!
  return driver.start({ strategy, replicas: 1 }, signal)
}

/** The environment or the command line of every process that was started in the workspace and runs. */
function factsIn(workspace: Workspace, file: 'environ' | 'cmdline'): string[] {
  const lines = readFileSync(join(workspace.path, 'processes.jsonl'), 'utf8').trim().split('\n')
  return lines.flatMap((line) => {
    try {
      return readFileSync(`/proc/${JSON.parse(line).pid}/${file}`, 'utf8').split('\0')
    } catch {
      return [] // killed by the test
    }
  })
}

/** What the server answers to one command, on a connection of its own. */
async function answerTo(url: string, command: readonly string[]): Promise<string> {
  const client = createClient({ url, socket: { reconnectStrategy: false } })
  client.on('error', () => {})
  try {
    await client.connect()
    return String(await client.sendCommand(command))
  } catch (error) {
    return (error as Error).message
  } finally {
    client.destroy()
  }
}

test('the store of a cluster counts the commands it processes; one that is gone is named', async () => {
  using workspace = openWorkspace()
  await using cluster = await start(workspace)
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

test.runIf(process.platform === 'linux')(
  'the store answers nobody without its password, and whoever has it may not harm it; no restart changes that',
  async () => {
    using workspace = openWorkspace()
    await using cluster = await start(workspace)
    const store = cluster.stores[0]!
    const known = factsIn(workspace, 'environ').find((line) => line.startsWith('REDIS_URL='))!
    const url = new URL(known.replace('REDIS_URL=', ''))
    expect(url.password).toMatch(/^[0-9a-f]{64}$/)
    expect(factsIn(workspace, 'cmdline').join(' ')).not.toContain(url.password)

    const stranger = `redis://${url.host}`
    const harmful = [
      ['FLUSHALL'],
      ['SHUTDOWN', 'NOSAVE'],
      ['CONFIG', 'SET', 'maxmemory', '1'],
      ['EVAL', 'return 1', '0'],
      ['REPLICAOF', '127.0.0.1', '1'],
      ['SLAVEOF', '127.0.0.1', '1'],
      ['MODULE', 'LOAD', '/tmp/x.so'],
      ['DEBUG', 'SLEEP', '1'],
      ['KEYS', '*'],
      ['MONITOR'],
      ['ACL', 'SETUSER', 'default', 'nopass'],
    ]
    const wellGuarded = async () => {
      expect(await answerTo(stranger, ['PING'])).toContain('NOAUTH')
      for (const command of harmful) {
        expect(await answerTo(stranger, command), command[0]).toContain('NOAUTH')
        // Redis 7 keeps MODULE and DEBUG from everybody, before it looks at who asks.
        expect(await answerTo(url.href, command), command[0]).toMatch(/NOPERM|not allowed/)
      }
      expect(await answerTo(url.href, ['PING'])).toBe('PONG')
    }
    await wellGuarded()
    await store.stop()
    await store.start()
    await wellGuarded()
    await store.kill()
    await store.start()
    await everyReplicaReady(cluster, signal)
    await wellGuarded()
  },
)
