/** What every strategy with a store must do while the store is away, on real processes. */
import { describe, expect, test } from 'vitest'
import { Browser } from '../testing/browser.ts'
import { startRedis } from '../testing/redis-process.ts'
import { type ReplicaProcess, replicaEnv, spawnReplica, startReplica } from '../testing/replica-process.ts'
import { until } from '../testing/until.ts'
import { strategies } from './index.ts'

const withStore = strategies.filter((strategy) => strategy.needs.length > 0)

describe.each(withStore)('strategy $name without its store', ({ name: strategy, needs }) => {
  const health = (replica: ReplicaProcess, status: number) =>
    until(async () => (await new Browser(replica.origin).get('/healthz')).status === status)

  async function refusesEverything(replica: ReplicaProcess, alice: Browser): Promise<void> {
    for (const answer of [
      await alice.get('/me'),
      await alice.post('/counter'),
      await alice.post('/logout'),
      await new Browser(replica.origin).post('/login', { user: 'bob' }),
      await new Browser(replica.origin).post('/counter'),
    ]) {
      expect(answer.status).toBe(503)
      expect(answer.body).toEqual({ error: 'session store unavailable' })
      expect(answer.setCookies).toEqual([])
      expect(answer.headers.get('x-replica')).toBe(replica.name)
    }
    expect((await alice.get('/control')).status).toBe(200)
  }

  test('killed: answers errors, says that it is not ready, and recovers by itself', async () => {
    await using redis = await startRedis(needs[0])
    await using replica = await startReplica({ STRATEGY: strategy, REDIS_URL: redis.url })
    const alice = new Browser(replica.origin)
    await alice.post('/login', { user: 'alice' })

    await redis.kill()
    await health(replica, 503)
    await refusesEverything(replica, alice)

    await redis.start()
    await health(replica, 200)
    expect((await alice.post('/login', { user: 'alice' })).status).toBe(200)
    expect((await alice.get('/me')).body?.user).toBe('alice')
    expect(replica.child.process.exitCode).toBeNull()
    expect(replica.child.stderr().trim().split('\n')).toEqual([
      expect.stringContaining('is away'),
      expect.stringContaining('is back'),
    ])
  })

  test('frozen under steady load: answers errors, and remembers everybody when it thaws', async () => {
    await using redis = await startRedis(needs[0])
    await using replica = await startReplica({ STRATEGY: strategy, REDIS_URL: redis.url })
    const alice = new Browser(replica.origin)
    await alice.post('/login', { user: 'alice' })

    redis.freeze()
    // Requests keep coming, and each one makes the connection to Redis look alive, until one has got an error.
    const answers: Promise<number>[] = []
    let failed = false
    await until(() => {
      const status = alice.get('/me').then((answer) => answer.status)
      answers.push(status)
      status.then((code) => {
        failed = code === 503
      })
      return failed
    })
    expect(new Set(await Promise.all(answers))).toEqual(new Set([503]))
    await refusesEverything(replica, alice)
    expect((await alice.get('/healthz')).status).toBe(503)

    redis.thaw()
    await health(replica, 200)
    // Redis may have carried out the logout that it was too late to answer.
    await alice.post('/login', { user: 'alice' })
    expect((await alice.get('/me')).body?.user).toBe('alice')
  })

  test('stops on SIGTERM although the store is away', async () => {
    await using redis = await startRedis(needs[0])
    await using replica = await startReplica({ STRATEGY: strategy, REDIS_URL: redis.url })
    await redis.kill()
    await health(replica, 503)
    expect(await replica.stop()).toEqual({ code: 0, signal: null })
  })

  test('absent at start: one line that names it, exit code 1', async () => {
    const redis = await startRedis(needs[0])
    await redis[Symbol.asyncDispose]()
    const child = spawnReplica(
      replicaEnv({ REPLICA_NAME: 'replica-1', STRATEGY: strategy, REDIS_URL: redis.url }),
    )
    expect((await child.ended).code).toBe(1)
    const { host } = new URL(redis.url)
    expect(child.stderr()).toBe(`replica-1: cannot reach Redis at ${host}: connect ECONNREFUSED ${host}\n`)
  })

  test.each([
    [undefined, `REDIS_URL is not set, but strategy '${strategy}' needs it`],
    ['127.0.0.1:6379', 'REDIS_URL is not a redis:// or rediss:// URL'],
    ['http://:secret@127.0.0.1', 'REDIS_URL is not a redis:// or rediss:// URL'],
  ])('REDIS_URL %s is refused', async (url, message) => {
    const child = spawnReplica(replicaEnv({ STRATEGY: strategy, REDIS_URL: url }))
    expect((await child.ended).code).toBe(1)
    expect(child.stderr()).toContain(message)
    expect(child.stderr().trim().split('\n')).toHaveLength(1)
    expect(child.stderr()).not.toContain('secret@')
  })
})
