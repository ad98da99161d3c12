/** What a replica process does at its start and end, whatever its strategy. */
import { expect, test } from 'vitest'
import { Browser } from './testing/browser.ts'
import { openConnection } from './testing/raw-connection.ts'
import { replicaEnv, spawnReplica, startReplica } from './testing/replica-process.ts'

test('announces itself in one line of JSON', async () => {
  await using replica = await startReplica({ STRATEGY: 'memory', REPLICA_NAME: 'replica-7' })
  expect(replica.child.stdout()).toBe(`{"event":"listening","name":"replica-7","port":${replica.port}}`)
  expect(replica.child.stderr()).toBe('')
})

test.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s, however often it comes', async (signal) => {
  await using replica = await startReplica({ STRATEGY: 'control' })
  replica.child.process.kill(signal)
  replica.child.process.kill(signal)
  expect(await replica.child.ended).toEqual({ code: 0, signal: null })
})

test('answers requests that were sent before it was told to stop, read or not', async () => {
  await using replica = await startReplica({ STRATEGY: 'control' })
  const body = '{"user":"alice"}'
  const connections = await Promise.all(Array.from({ length: 20 }, () => openConnection(replica.port)))
  const request = `POST /control HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  for (const connection of connections) connection.send(request)
  for (const connection of connections) await connection.receives('"user":"alice"')

  // Stopped, it cannot read: requests and signal then wait for it together.
  replica.child.process.kill('SIGSTOP')
  const flushed = connections.map(
    ({ socket }) => new Promise<void>((resolve) => socket.write(request, () => resolve())),
  )
  await Promise.all(flushed)
  replica.child.process.kill('SIGTERM')
  replica.child.process.kill('SIGCONT')
  expect(await replica.child.ended).toEqual({ code: 0, signal: null })
  for (const connection of connections) {
    await connection.closed
    expect(connection.received().match(/200 OK/g)).toHaveLength(2)
  }
})

test('cuts requests that outlast the limit for draining, and says how many', async () => {
  await using replica = await startReplica({
    STRATEGY: 'control',
    REPLICA_NAME: 'replica-1',
    DRAIN_LIMIT_MS: '50',
  })
  const connection = await openConnection(replica.port)
  connection.send(
    'POST /control HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 9\r\n' +
      'Expect: 100-continue\r\n\r\n',
  )
  await connection.receives('100 Continue')
  expect(await replica.stop()).toEqual({ code: 0, signal: null })
  await connection.closed
  expect(replica.child.stderr()).toBe('replica-1: cut 1 unanswered requests after 50 ms\n')
})

test('a busy port: one line that names it, exit code 1', async () => {
  await using first = await startReplica({ STRATEGY: 'memory' })
  const second = spawnReplica(
    replicaEnv({ STRATEGY: 'memory', REPLICA_NAME: 'replica-2', PORT: `${first.port}` }),
  )
  expect((await second.ended).code).toBe(1)
  expect(second.stderr()).toBe(
    `replica-2: cannot listen on 127.0.0.1:${first.port}: address already in use\n`,
  )
  expect(second.stdout()).toBe('')
})

test('an address that is not this machine: one line that names it, exit code 1', async () => {
  const child = spawnReplica(replicaEnv({ STRATEGY: 'memory', HOST: '192.0.2.1' }))
  expect((await child.ended).code).toBe(1)
  expect(child.stderr()).toBe('replica: cannot listen on 192.0.2.1:0: address not available\n')
})

test('a configuration that does not fit: one line that says what was expected, exit code 1', async () => {
  const child = spawnReplica(replicaEnv({ STRATEGY: 'rediss' }))
  expect((await child.ended).code).toBe(1)
  expect(child.stderr()).toBe(
    "STRATEGY is 'rediss'; expected one of memory, memory-sticky, cookie, redis, redis-aof, control\n",
  )
})

test('the control serves its own routes and has no session', async () => {
  await using replica = await startReplica({ STRATEGY: 'control' })
  const browser = new Browser(replica.origin)
  expect((await browser.get('/healthz')).status).toBe(200)
  expect((await browser.get('/control')).body).toEqual({ user: 'control', replica: 'replica' })
  for (const answer of [await browser.get('/me'), await browser.post('/login', { user: 'alice' })]) {
    expect(answer.status).toBe(503)
    expect(answer.body?.error).toContain('no session')
    expect(answer.setCookies).toEqual([])
  }
})
