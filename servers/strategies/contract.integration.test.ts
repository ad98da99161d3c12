/** The contract that every strategy must pass, on real replica processes with the real services the strategy needs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser } from '../testing/browser.ts'
import { accepts, openConnection } from '../testing/raw-connection.ts'
import { type RedisProcess, startRedis } from '../testing/redis-process.ts'
import { type ReplicaProcess, startReplica } from '../testing/replica-process.ts'
import { until } from '../testing/until.ts'
import { strategies } from './index.ts'

const HELD_BODY = '{"user":"alice"}'

describe.each(strategies)('strategy $name', ({ name: strategy, needs }) => {
  const services: RedisProcess[] = []
  let env: NodeJS.ProcessEnv
  let replica: ReplicaProcess

  beforeAll(async () => {
    for (const service of needs) services.push(await startRedis(service))
    env = { STRATEGY: strategy, REDIS_URL: services[0]?.url }
    replica = await startReplica({ ...env, REPLICA_NAME: 'replica-1' })
  })
  afterAll(async () => {
    await replica?.[Symbol.asyncDispose]()
    for (const service of services) await service[Symbol.asyncDispose]()
  })

  const visitor = () => new Browser(replica.origin)
  async function loggedIn(user = 'alice'): Promise<Browser> {
    const browser = visitor()
    expect((await browser.post('/login', { user })).status).toBe(200)
    return browser
  }

  test('does not know a new visitor, and gives out no cookie for asking', async () => {
    const answer = await visitor().get('/me')
    expect(answer.status).toBe(401)
    expect(answer.body).toEqual({ user: null, replica: 'replica-1' })
    expect(answer.setCookies).toEqual([])
  })

  test('knows a visitor after login, request after request', async () => {
    const browser = visitor()
    const login = await browser.post('/login', { user: 'Zoë 🍪' })
    expect(login.body).toEqual({ user: 'Zoë 🍪', replica: 'replica-1' })
    for (let i = 0; i < 3; i++) {
      const me = await browser.get('/me')
      expect(me.status).toBe(200)
      expect(me.body).toEqual({ user: 'Zoë 🍪', replica: 'replica-1' })
    }
  })

  test('keeps visitors apart', async () => {
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    expect((await alice.get('/me')).body?.user).toBe('alice')
    expect((await bob.get('/me')).body?.user).toBe('bob')
  })

  test('login changes the cookie, drops earlier state, and leaves the old cookie anonymous', async () => {
    const victim = visitor()
    await victim.post('/counter')
    const before = victim.cookies()
    await victim.post('/login', { user: 'alice' })
    expect(victim.cookies().sid).not.toBe(before.sid)
    expect((await victim.post('/counter')).body?.counter).toBe(1)

    const attacker = visitor()
    for (const [name, value] of Object.entries(before)) attacker.plant(name, value)
    expect((await attacker.get('/me')).status).toBe(401)
  })

  test('login does not adopt an id chosen by somebody else', async () => {
    const browser = visitor()
    browser.plant('sid', 's%3Achosen-by-an-attacker')
    await browser.post('/login', { user: 'alice' })
    expect(browser.cookies().sid).not.toContain('chosen-by-an-attacker')
    expect((await browser.get('/me')).status).toBe(200)
  })

  test('counts, for visitors with and without a login', async () => {
    const anonymous = visitor()
    for (const counter of [1, 2, 3]) {
      const answer = await anonymous.post('/counter')
      expect(answer.status).toBe(200)
      expect(answer.body).toEqual({ counter, user: null, replica: 'replica-1' })
    }
    const alice = await loggedIn()
    expect((await alice.post('/counter')).body).toEqual({ counter: 1, user: 'alice', replica: 'replica-1' })
    expect((await alice.post('/counter')).body?.counter).toBe(2)
    expect((await alice.get('/me')).status).toBe(200)
  })

  test('logout ends the login and clears every cookie', async () => {
    const browser = await loggedIn()
    const answer = await browser.post('/logout')
    expect(answer.status).toBe(204)
    expect(browser.cookies()).toEqual({})
    expect((await browser.get('/me')).status).toBe(401)
  })

  test('logout does no harm to a visitor who never logged in', async () => {
    const browser = visitor()
    expect((await browser.post('/logout')).status).toBe(204)
    expect(browser.cookies()).toEqual({})
  })

  test('does not accept a cookie that was changed anywhere', async () => {
    const cookies = (await loggedIn()).cookies()
    for (const [name, value] of Object.entries(cookies)) {
      for (const at of [5, Math.floor(value.length / 2), value.length - 3]) {
        const forger = visitor()
        for (const [other, genuine] of Object.entries(cookies)) forger.plant(other, genuine)
        forger.plant(name, `${value.slice(0, at)}${value[at] === 'x' ? 'y' : 'x'}${value.slice(at + 1)}`)
        expect((await forger.get('/me')).status, `${name} changed at ${at}`).toBe(401)
      }
    }
  })

  test('sets cookies that scripts cannot read, for the whole site, that do not come along from other sites', async () => {
    const { setCookies } = await visitor().post('/login', { user: 'alice' })
    expect(setCookies.map((cookie) => cookie.key)).toContain('sid')
    for (const cookie of setCookies) {
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'lax', path: '/' })
      expect(cookie.expires).toBeInstanceOf(Date)
      expect(cookie.value).not.toBe('')
    }
  })

  test('health and control touch no session', async () => {
    const alice = await loggedIn()
    for (const browser of [visitor(), alice]) {
      const health = await browser.get('/healthz')
      expect(health.status).toBe(200)
      expect(health.body).toEqual({ ready: true, replica: 'replica-1' })
      const control = await browser.get('/control')
      expect(control.body).toEqual({ user: 'control', replica: 'replica-1' })
      const login = await browser.post('/control', { user: 'bob' })
      expect(login.body).toEqual({ user: 'bob', replica: 'replica-1' })
      for (const answer of [health, control, login]) expect(answer.setCookies).toEqual([])
    }
    expect((await alice.get('/me')).body?.user).toBe('alice')
  })

  test('names the replica in every answer, errors included, and nothing else about itself', async () => {
    const browser = await loggedIn()
    const answers = [
      await browser.get('/me'),
      await browser.post('/counter'),
      await browser.get('/healthz'),
      await browser.get('/control'),
      await browser.get('/nowhere'),
      await browser.get('/%ff'),
      await browser.post('/login', { user: '' }),
      await browser.post('/logout'),
      await browser.get('/me'),
    ]
    for (const { headers } of answers) {
      expect(headers.get('x-replica')).toBe('replica-1')
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('etag')).toBeNull()
    }
  })

  test('a refused login says what was expected, and leaves the session as it was', async () => {
    const alice = await loggedIn()
    const json = { 'content-type': 'application/json' }
    const refused: [RequestInit, number, string][] = [
      [{ body: '{"user":', headers: json }, 400, 'not valid JSON'],
      [{ body: '{"user":"bob"}' }, 400, 'Content-Type: application/json'],
      [{ body: '["bob"]', headers: json }, 400, 'string of 1 to 200 characters'],
      [{ body: '{"user":7}', headers: json }, 400, 'string of 1 to 200 characters'],
      [
        { body: JSON.stringify({ user: 'x'.repeat(201) }), headers: json },
        400,
        'string of 1 to 200 characters',
      ],
      [{ body: JSON.stringify({ user: 'x'.repeat(9_000) }), headers: json }, 413, 'too large'],
      [{}, 400, '{"user":"alice"}'],
    ]
    for (const path of ['/login', '/control']) {
      for (const [init, status, message] of refused) {
        const answer = await alice.send(path, { ...init, method: 'POST' })
        expect(answer.status).toBe(status)
        expect(answer.body?.error).toContain(message)
        expect(JSON.stringify(answer.body)).not.toContain('node_modules')
      }
    }
    expect((await alice.get('/me')).body?.user).toBe('alice')
  })

  if (needs.length > 0) {
    test('replicas share what lies in a service', async () => {
      await using second = await startReplica({ ...env, REPLICA_NAME: 'replica-2' })
      const browser = await loggedIn()
      await browser.post('/counter')
      browser.moveTo(second.origin)
      expect((await browser.get('/me')).body).toEqual({ user: 'alice', replica: 'replica-2' })
      expect((await browser.post('/counter')).body?.counter).toBe(2)
      await browser.post('/logout')
      browser.moveTo(replica.origin)
      expect((await browser.get('/me')).status).toBe(401)
    })
  }

  test('answers what it has begun when it is told to stop, and waits for no idle connection', async () => {
    // So long that reaching it would fail the test.
    await using stopping = await startReplica({ ...env, DRAIN_LIMIT_MS: '600000' })
    const [idle, silent, busy] = [
      await openConnection(stopping.port),
      await openConnection(stopping.port),
      await openConnection(stopping.port),
    ]
    idle.send('GET /me HTTP/1.1\r\nHost: test\r\n\r\n')
    await idle.receives('"user":null')
    // '100 Continue' says that the request has begun; it stays in flight as long as its body is held back.
    busy.send(
      'POST /login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n' +
        `Content-Length: ${HELD_BODY.length}\r\nExpect: 100-continue\r\n\r\n`,
    )
    await busy.receives('100 Continue')

    const ended = stopping.stop()
    await idle.closed
    await until(async () => !(await accepts(stopping.port)))
    busy.send(HELD_BODY)
    await busy.receives(HELD_BODY.slice(0, -1))
    await Promise.all([busy.closed, silent.closed])
    expect(busy.received()).toMatch(/HTTP\/1\.1 200 OK\r\n/)
    expect(busy.received()).toMatch(/\r\nConnection: close\r\n/i)
    expect(busy.received()).toMatch(/\r\nSet-Cookie: sid=/i)
    expect(await ended).toEqual({ code: 0, signal: null })
    expect(stopping.child.stderr()).toBe('')
  })
})
