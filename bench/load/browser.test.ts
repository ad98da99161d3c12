/** Holds the simulated browser to what it makes of answers: four outcomes, never two. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { Browser, describeReply, type Outcome, openConnections, outcomeOf, type Reply } from './browser.ts'
import { checkLogins, isKnown, type LoginState, logIn } from './users.ts'

const { signal } = new AbortController()

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  until: AbortSignal = signal,
) {
  const server = createServer((request, response) => {
    request.resume()
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const entry = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const connections = openConnections(entry, until)
  return {
    entry,
    connections,
    browser: new Browser(connections, entry),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
    async [Symbol.asyncDispose]() {
      await connections[Symbol.asyncDispose]()
      await this.stop()
    },
  }
}

const answered = (status: number, body: string): Reply => ({
  kind: 'answered',
  status,
  replica: undefined,
  body,
})

test.each<[string, Reply, string]>([
  ['the user', answered(200, '{"user":"alice"}'), 'ok'],
  ['somebody else', answered(200, '{"user":"bob"}'), 'answered-as-another'],
  ['nobody', answered(401, '{"user":null}'), 'logged-out'],
  ['nobody, as a page', answered(200, '{"user":null}'), 'logged-out'],
  ['a page that is not there', answered(404, ''), 'logged-out'],
  ['a replica in trouble', answered(503, '{}'), 'failed'],
  ['a balancer without a replica', answered(502, '<html>'), 'failed'],
  ['no answer', { kind: 'failed', reason: 'ECONNRESET' }, 'failed'],
])('an answer of %s', (_, reply, outcome) => {
  expect(outcomeOf(reply, 'alice')).toBe(outcome)
})

test.each(['', 'null', '[]', '{"user":', '{}', '{"user":7}', '<html>'])(
  'a 200 that does not say whom it takes its reader for (%s) is no outcome but an error',
  (body) => {
    expect(() => outcomeOf(answered(200, body), 'alice')).toThrow(
      `expected a body like {"user":"alice"} for 'alice', got 200 ${body}`,
    )
  },
)

test('replies are described for messages', () => {
  expect(describeReply(answered(503, 'busy'))).toBe('503 busy')
  expect(describeReply({ kind: 'failed', reason: 'ECONNRESET' })).toBe('no answer (ECONNRESET)')
  const page = '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>…</body>\r\n</html>\r\n'
  expect(describeReply(answered(502, page))).toBe('502 Bad Gateway')
  expect(describeReply(answered(500, '<title>Oh no</title>'))).toBe('500 Oh no')
})

test('cookies are kept and sent, bodies are JSON, the replica is told', async () => {
  const seen: (string | undefined)[] = []
  await using server = await serve((request, response) => {
    seen.push(request.headers.cookie, request.headers['content-type'], request.headers['content-length'])
    response.setHeader('X-Replica', 'replica-2')
    response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2; Path=/'])
    response.end('{"user":"alice"}')
  })
  const reply = await server.browser.post('/login', { user: 'alice' })
  expect(reply).toEqual({ kind: 'answered', status: 200, replica: 'replica-2', body: '{"user":"alice"}' })
  await server.browser.get('/me')
  expect(seen).toEqual([undefined, 'application/json', '16', 'a=1; b=2', undefined, undefined])
})

test('a copy has the cookies of now, a stranger has none', async () => {
  const seen: (string | undefined)[] = []
  await using server = await serve((request, response) => {
    seen.push(request.headers.cookie)
    response.setHeader('Set-Cookie', `n=${seen.length}; Path=/`)
    response.end()
  })
  await server.browser.get('/')
  const copy = server.browser.copy()
  await server.browser.get('/')
  await copy.get('/')
  await server.browser.stranger().get('/')
  expect(seen).toEqual([undefined, 'n=1', 'n=1', undefined])
})

test('a 200 that breaks off is a failure, and its cookies are kept: a browser has them by then', async () => {
  await using server = await serve((request, response) => {
    response.setHeader('Set-Cookie', 'sid=1; Path=/')
    response.setHeader('Content-Length', '100')
    response.write('{"user":', () => request.socket.destroy())
  })
  const reply = await server.browser.get('/me')
  expect(reply.kind).toBe('failed')
  expect(outcomeOf(reply, 'alice')).toBe('failed')
  expect(server.browser.cookies.header('/me')).toBe('sid=1')
})

test('an answer without end is a failure, and no more of it is read', async () => {
  const closed = Promise.withResolvers<void>()
  await using server = await serve((_request, response) => {
    response.once('close', closed.resolve)
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      response.once('drain', more)
    }
    more()
  })
  expect(await server.browser.get('/me')).toEqual({
    kind: 'failed',
    reason: 'its body has more than 1048576 bytes',
  })
  await closed.promise
})

test('an answer that goes on and on, a little at a time, is a failure when its time is up', async () => {
  await using server = await serve((_request, response) => void response.write('{"user":'))
  // A clock on which every look is ten seconds after the one before.
  let nowMs = 0
  using _clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    nowMs += 10_000
    return nowMs
  })
  expect(await server.browser.get('/me')).toEqual({
    kind: 'failed',
    reason: 'its body has not ended within 5 s',
  })
})

test('a connection that is reset, refused or already given up is a reply, never an exception', async () => {
  await using server = await serve((request) => request.socket.resetAndDestroy())
  expect((await server.browser.get('/me')).kind).toBe('failed')
  await server.stop()
  expect(await server.browser.get('/me')).toEqual({ kind: 'failed', reason: 'ECONNREFUSED' })
  await server.connections.destroy()
  expect((await server.browser.get('/me')).kind).toBe('failed')
})

test('a login that is refused stops everything, with what was answered', async () => {
  await using server = await serve((_request, response) => {
    response.statusCode = 500
    response.end('{"error":"boom"}')
  })
  await expect(logIn(server.connections, server.entry, 'user', 3, signal)).rejects.toThrow(
    /the login of user-\d got 500 \{"error":"boom"\}/,
  )
})

/** Knows every user on some replicas, and takes turns strictly. */
function rotation(replicas: number, knows: (replica: number) => Outcome) {
  let turn = 0
  return serve((request, response) => {
    const user = /user=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1]
    if (request.url === '/login') {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        response.setHeader('Set-Cookie', `user=${JSON.parse(body).user}; Path=/`)
        response.end('{}')
      })
      return
    }
    const replica = turn % replicas
    turn += 1
    const outcome = knows(replica)
    response.setHeader('X-Replica', `replica-${replica + 1}`)
    response.statusCode = { ok: 200, 'answered-as-another': 200, failed: 502, 'logged-out': 401 }[outcome]
    const named = { ok: user, 'answered-as-another': 'bob', failed: null, 'logged-out': null }[outcome]
    response.end(JSON.stringify({ user: named }))
  })
}

const told = (met: number, knowing: number, change: Partial<LoginState> = {}): LoginState => ({
  met,
  knowing,
  mistaking: 0,
  unanswered: false,
  ...change,
})

test.each<[string, (replica: number) => Outcome | undefined, LoginState, boolean | null]>([
  ['by all of three', () => 'ok', told(3, 3), true],
  ['by one of three', (replica) => (replica === 1 ? 'ok' : 'logged-out'), told(3, 1), true],
  ['by nobody', () => 'logged-out', told(3, 0), false],
  [
    'by two, with one that does not answer',
    (replica) => (replica === 2 ? 'failed' : 'ok'),
    told(2, 2, { unanswered: true }),
    true,
  ],
  [
    'by none that answered, which is not all',
    (replica) => (replica === 2 ? 'failed' : 'logged-out'),
    told(2, 0, { unanswered: true }),
    null,
  ],
  ['by nobody who would answer', () => 'failed', told(0, 0, { unanswered: true }), null],
  [
    'by one, and another takes the user for somebody else',
    (replica) => (['answered-as-another', 'ok', 'logged-out'] as const)[replica],
    told(3, 1, { mistaking: 1 }),
    true,
  ],
  [
    'by nobody when all take the user for somebody else',
    () => 'answered-as-another',
    told(3, 0, { mistaking: 3 }),
    false,
  ],
])('a login is known %s', async (_, knows, state, known) => {
  await using server = await rotation(3, (replica) => knows(replica)!)
  const users = await logIn(server.connections, server.entry, 'user', 7, signal)
  expect(users.map(({ name }) => name)).toEqual(Array.from({ length: 7 }, (_, at) => `user-${at}`))
  const states = await checkLogins(users, 3, signal)
  expect(states).toEqual(Array(7).fill(state))
  expect(isKnown(states[0]!)).toBe(known)
})

test.each([
  ['ok', 1, true],
  ['logged-out', 0, false],
] as const)(
  'a login that is tied to one replica (%s) is told by that one alone',
  async (outcome, knowing, known) => {
    await using server = await rotation(1, () => outcome)
    const users = await logIn(server.connections, server.entry, 'user', 3, signal)
    const states = await checkLogins(users, 3, signal)
    expect(states).toEqual(Array(3).fill(told(1, knowing)))
    expect(isKnown(states[0]!)).toBe(known)
  },
)

test('an interruption ends what is under way, and what is still to come', async () => {
  const interruption = new AbortController()
  const asked = Promise.withResolvers<void>()
  await using frozen = await serve(() => asked.resolve(), interruption.signal)
  const waiting = frozen.browser.get('/me')
  const refused = expect(
    logIn(frozen.connections, frozen.entry, 'user', 3, interruption.signal),
  ).rejects.toMatchObject({ name: 'AbortError' })
  await asked.promise
  interruption.abort()
  expect(await waiting).toMatchObject({ kind: 'failed' })
  expect(await frozen.browser.get('/me')).toMatchObject({ kind: 'failed' })
  await refused
  const late = openConnections(frozen.entry, interruption.signal)
  expect(await new Browser(late, frozen.entry).get('/me')).toMatchObject({ kind: 'failed' })
})

test('asking many is given up when the signal says so', async () => {
  await using server = await rotation(1, () => 'ok')
  const users = await logIn(server.connections, server.entry, 'user', 3, signal)
  await expect(checkLogins(users, 3, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  await expect(
    logIn(server.connections, server.entry, 'user', 3, AbortSignal.abort(new Error('enough'))),
  ).rejects.toThrow('enough')
})
