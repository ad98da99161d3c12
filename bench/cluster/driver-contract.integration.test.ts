/** The contract that every driver must pass, on real clusters. A driver that this machine cannot run is shown as skipped. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { strategies } from '../../servers/strategies/index.ts'
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import { ClusterError, EnvironmentError } from '../errors.ts'
import { Browser, openConnections } from '../load/browser.ts'
import type { Cookies } from '../load/cookies.ts'
import { type DriverUnderTest, driversUnderTest, engineRequired } from '../testing/drivers-under-test.ts'
import { until } from '../testing/until.ts'
import type { Cluster, ClusterSpec, Driver } from './cluster.ts'
import { everyReplicaReady } from './ready.ts'
import { expectWhole, lostPart } from './whole.ts'

const replicas = 3
/** For everything that takes containers: slow machines need 20 s to start a cluster. */
const limitMs = 90_000

const strategy = (name: string): StrategyInfo => {
  const found = strategies.find((one) => one.name === name)
  if (found === undefined) throw new RangeError(`no strategy ${name}`)
  return found
}

for (const underTest of await driversUnderTest()) {
  const title = `driver ${underTest.name}`
  if (underTest.missing === null) describe(title, { timeout: limitMs }, () => contract(underTest))
  else {
    // Not silently left out: reporters that do not show the titles of skipped tests show this line.
    console.warn(`${title} not run: ${underTest.missing}`)
    describe.skipIf(!engineRequired)(title, () =>
      test(`not run: ${underTest.missing}`, () => expect.fail(underTest.missing!)),
    )
  }
}

function contract(underTest: DriverUnderTest): void {
  let driver: Driver
  const connections: Pool[] = []
  const signal = () => AbortSignal.timeout(limitMs)

  beforeAll(async () => {
    driver = await underTest.open(AbortSignal.timeout(300_000))
  }, 300_000) // the first time an image is built
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((pool) => pool.destroy()))
    expect(await underTest.leftovers()).toEqual([])
  }, limitMs)
  afterAll(async () => {
    await driver?.[Symbol.asyncDispose]()
    await underTest.close()
  })

  const start = (name: string, more: Partial<ClusterSpec> = {}) =>
    driver.start({ strategy: strategy(name), replicas, ...more }, signal())

  /** A browser on a connection of its own. */
  function visitorOf(cluster: Cluster, cookies?: Cookies): Browser {
    const pool = openConnections(cluster.entry, signal())
    connections.push(pool)
    return new Browser(pool, cluster.entry, cookies)
  }
  async function login(cluster: Cluster, user = 'alice'): Promise<Browser> {
    const browser = visitorOf(cluster)
    expect(await browser.post('/login', { user })).toMatchObject({ kind: 'answered', status: 200 })
    return browser
  }
  async function replicasMet(browser: Browser, requests: number): Promise<(string | undefined)[]> {
    const met: (string | undefined)[] = []
    for (let request = 0; request < requests; request += 1) {
      const reply = await browser.get('/control')
      expect(reply).toMatchObject({ kind: 'answered', status: 200 })
      if (reply.kind === 'answered') met.push(reply.replica)
    }
    return met
  }
  const names = (cluster: Cluster) => cluster.replicas.map(({ name }) => name)
  const me = async (browser: Browser, cluster: Cluster) => {
    const statuses: unknown[] = []
    for (const _ of cluster.replicas) {
      const reply = await browser.get('/me')
      statuses.push(reply.kind === 'answered' ? reply.status : reply.reason)
    }
    return [...new Set(statuses)]
  }

  test('a started cluster logs a visitor in, on every replica, and rotates strictly', async () => {
    await using cluster = await start('redis')
    expect(names(cluster)).toEqual(['replica-1', 'replica-2', 'replica-3'])
    expect(cluster.stores.map(({ tier }) => tier)).toEqual(['store'])
    expect(cluster.entry.hostname).toBe('127.0.0.1')

    const browser = await login(cluster)
    expect(await me(browser, cluster)).toEqual([200])

    const met = await replicasMet(browser, 9)
    expect(new Set(met.slice(0, 3))).toEqual(new Set(names(cluster)))
    expect(met).toEqual([...met.slice(0, 3), ...met.slice(0, 3), ...met.slice(0, 3)])
  })

  test('starts only the stores that the strategy needs, and any number of replicas', async () => {
    await using cluster = await start('memory', { replicas: 1 })
    expect(names(cluster)).toEqual(['replica-1'])
    expect(cluster.stores).toEqual([])
    expect(await me(await login(cluster), cluster)).toEqual([200])
  })

  test('sticky routing keeps a visitor at one replica', async () => {
    await using cluster = await start('memory-sticky')
    const homes = new Set<string | undefined>()
    for (let user = 0; user < 6; user += 1) {
      const browser = await login(cluster, `user-${user}`)
      const met = new Set(await replicasMet(browser, 5))
      expect(met.size).toBe(1)
      expect(await me(browser, cluster)).toEqual([200])
      for (const replica of met) homes.add(replica)
    }
    expect(homes).toEqual(new Set(names(cluster)))
  })

  test('serves with its first replicas alone, in strict turn, and with all of them again', async () => {
    await using cluster = await start('cookie')
    const early = await login(cluster) // has a connection open whenever the balancer is told
    for (const count of [1, 2, 3, 2]) {
      await cluster.routeTo(count, signal())
      const serving = names(cluster).slice(0, count)
      const met = await replicasMet(visitorOf(cluster), 3 * count)
      expect(new Set(met.slice(0, count))).toEqual(new Set(serving))
      expect(met).toEqual([...met.slice(0, count), ...met.slice(0, count), ...met.slice(0, count)])
      // Each on a connection of its own: none is accepted by what served before.
      const each = await Promise.all(
        Array.from({ length: 12 }, () => replicasMet(visitorOf(cluster), 1).then(([replica]) => replica)),
      )
      for (const replica of serving) expect(each.filter((one) => one === replica)).toHaveLength(12 / count)
      expect(await early.get('/me')).toMatchObject({ kind: 'answered', status: 200 })
      expect(serving).toContain((await replicasMet(early, 1))[0])
    }
    await cluster.balancer.stop()
    await cluster.balancer.start()
    expect(new Set(await replicasMet(visitorOf(cluster), 3))).toEqual(new Set(names(cluster)))
  })

  test('sticky routing keeps to the replicas that serve, also for whom another one had', async () => {
    await using cluster = await start('memory-sticky')
    const before = await Promise.all([login(cluster), login(cluster), login(cluster)])
    await cluster.routeTo(2, signal())
    for (const { cookies } of before) {
      expect(await replicasMet(visitorOf(cluster, cookies), 4)).not.toContain('replica-3')
    }
    const homes: (string | undefined)[] = []
    for (let user = 0; user < 4; user += 1) {
      const browser = await login(cluster, `user-${user}`)
      expect(await me(browser, cluster)).toEqual([200])
      homes.push(...new Set(await replicasMet(browser, 4)))
    }
    expect(homes.sort()).toEqual(['replica-1', 'replica-1', 'replica-2', 'replica-2'])
  })

  test('refuses to serve with replicas that there are not, and while its balancer is down', async () => {
    await using cluster = await start('memory', { replicas: 2 })
    for (const count of [0, 3, 1.5, Number.NaN]) {
      await expect(cluster.routeTo(count)).rejects.toThrow(
        new RangeError(`a cluster of 2 cannot serve with ${count} of its replicas; expected 1 to 2`),
      )
    }
    await cluster.balancer.stop()
    await expect(cluster.routeTo(1)).rejects.toThrow(ClusterError)
    await cluster.balancer.start()
    expect(new Set(await replicasMet(visitorOf(cluster), 2))).toEqual(new Set(names(cluster)))
  })

  test('a replica that is stopped fails no request, and is in the rotation again after its start', async () => {
    await using cluster = await start('cookie')
    const [first] = cluster.replicas
    const browser = await login(cluster)
    const stopping = first!.stop()
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => browser.get('/me')))
    await stopping
    expect(
      new Set(outcomes.map((reply) => (reply.kind === 'answered' ? reply.status : reply.reason))),
    ).toEqual(new Set([200]))
    const without = await replicasMet(browser, 4)
    expect(without).not.toContain(first!.name)
    await first!.start()
    expect(new Set(await replicasMet(browser, 3))).toEqual(new Set(names(cluster)))
    expect(await me(browser, cluster)).toEqual([200])
  })

  test('a replica that is killed comes back under its name, without what was in its memory', async () => {
    await using cluster = await start('memory', { replicas: 1 })
    const [only] = cluster.replicas
    const browser = await login(cluster)
    expect(await me(browser, cluster)).toEqual([200])
    await only!.kill()
    // 502: its address refuses; 504: its address is gone with it.
    expect([502, 504]).toContain((await me(browser, cluster))[0])
    await only!.start()
    expect(await me(browser, cluster)).toEqual([401])
    expect(await replicasMet(browser, 2)).toEqual([only!.name, only!.name])
  })

  test('the balancer can be stopped and started, at the same address', async () => {
    await using cluster = await start('cookie')
    const browser = await login(cluster)
    await cluster.balancer.stop()
    expect(await browser.get('/me')).toMatchObject({ kind: 'failed' })
    await cluster.balancer.start()
    expect(await me(browser, cluster)).toEqual([200])
  })

  test.each([
    { name: 'redis', afterStop: 200, afterKill: 401 },
    { name: 'redis-aof', afterStop: 200, afterKill: 200 },
  ])(
    'the store of $name keeps its data when stopped ($afterStop), and when killed ($afterKill)',
    async (expected) => {
      await using cluster = await start(expected.name)
      const browser = await login(cluster)
      const [store] = cluster.stores
      await store!.stop()
      await store!.start()
      await everyReplicaReady(cluster, signal())
      expect(await me(browser, cluster)).toEqual([expected.afterStop])

      const again = await login(cluster, 'bob')
      // A write to the append-only file is put off while an earlier one is being synced, by two seconds at
      // most (aof.c), looked at ten times a second.
      await pause(2_200)
      await store!.kill()
      await store!.start()
      await everyReplicaReady(cluster, signal())
      expect(await me(again, cluster)).toEqual([expected.afterKill])
    },
  )

  test.runIf(process.platform === 'linux')('says what each member uses', async () => {
    await using cluster = await start('redis')
    const members = [...cluster.replicas, cluster.balancer, ...cluster.stores]
    const browser = await login(cluster)
    const before = await Promise.all(members.map((member) => member.cpuMicros()))
    for (let request = 0; request < 300; request += 1) await browser.get('/me')
    const after = await Promise.all(members.map((member) => member.cpuMicros()))
    for (const [index, member] of members.entries()) {
      expect(after[index], member.name).toBeGreaterThan(before[index] ?? Number.POSITIVE_INFINITY)
      expect(await member.memoryBytes(), member.name).toBeGreaterThan(500_000)
    }
    await cluster.stores[0]!.stop()
    expect(await cluster.stores[0]!.cpuMicros()).toBeNull()
    expect(await cluster.stores[0]!.memoryBytes()).toBeNull()
  })

  test('two clusters at once do not see each other', async () => {
    await using both = new AsyncDisposableStack()
    const [one, other] = (await Promise.all([start('redis'), start('redis')])).map((cluster) =>
      both.use(cluster),
    )
    expect(one!.entry.port).not.toBe(other!.entry.port)
    const browser = await login(one!)
    const stranger = new Browser(
      openConnections(other!.entry, signal()),
      other!.entry,
      browser.cookies.copy(),
    )
    expect(await me(stranger, other!)).toEqual([401])
    await Promise.all(one!.replicas.map((replica) => replica.kill()))
    expect(await me(await login(other!), other!)).toEqual([200])
    await one![Symbol.asyncDispose]()
    expect(await me(await login(other!), other!)).toEqual([200])
  })

  test('takes the port that is asked for, and refuses one that is in use', async () => {
    await using cluster = await start('memory', { replicas: 1 })
    const port = Number(cluster.entry.port)
    await expect(start('memory', { replicas: 1, port })).rejects.toThrow(EnvironmentError)
    await expect(start('memory', { replicas: 1, port })).rejects.toThrow(`port ${port} is in use`)
    await cluster[Symbol.asyncDispose]()
    await using next = await start('memory', { replicas: 1, port })
    expect(next.entry.port).toBe(String(port))
    expect(await me(await login(next), next)).toEqual([200])
  })

  test('a start that fails says the last words of what failed, and leaves nothing', async () => {
    const nonsense = { ...strategy('redis'), name: 'nonsense' }
    await expect(driver.start({ strategy: nonsense, replicas }, signal())).rejects.toThrow(
      /replica-\d ended \(exit code 1\) before it was ready; its last words:\n {2}STRATEGY is 'nonsense'; expected one of/,
    )
    expect(await underTest.leftovers()).toEqual([])
  })

  test('a start that is aborted half way leaves nothing', async () => {
    const controller = new AbortController()
    const starting = driver.start({ strategy: strategy('redis'), replicas }, controller.signal)
    const refused = expect(starting).rejects.toMatchObject({ name: 'AbortError' })
    await until(async () => (await underTest.leftovers()).length > 0)
    controller.abort()
    await refused
    expect(await underTest.leftovers()).toEqual([])
  })

  test('a start that was aborted before it began starts nothing', async () => {
    const starting = driver.start({ strategy: strategy('memory'), replicas }, AbortSignal.abort())
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('a member that was killed behind its back is named by whoever asks whether the cluster is whole', async () => {
    await using cluster = await start('memory')
    await expectWhole(cluster)
    const [, second] = cluster.replicas
    await underTest.killUnseen(second!.name)
    await until(async () => (await lostPart(cluster)) !== null)
    expect(await lostPart(cluster)).toMatchObject({
      name: 'ClusterError',
      ended: 'replica-2',
      message: expect.stringMatching(/^replica-2 ended by itself \(SIGKILL\); its last words:\n/),
    })
    // The balancer passes it over: no answer shows that it is gone.
    expect(await me(await login(cluster), cluster)).toContain(200)
    await second!.start()
    await expectWhole(cluster)
    await second!.kill() // on purpose
    await expectWhole(cluster)
  })

  test('a wait for a member can be aborted', async () => {
    await using cluster = await start('redis', { replicas: 1 })
    const [replica] = cluster.replicas
    await cluster.stores[0]!.kill()
    await replica!.kill()
    const controller = new AbortController()
    const starting = replica!.start(controller.signal)
    const refused = expect(starting).rejects.toThrow()
    await pause(0)
    controller.abort()
    await refused
  })
}
