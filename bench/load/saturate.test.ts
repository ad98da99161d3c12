/** Holds the closed loop to giving each answer to its own request, whatever the server does to its connections. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import autocannon from 'autocannon'
import { expect, test } from 'vitest'
import { forgetRequestsOnReconnect, type MixRequest, saturate } from './saturate.ts'

const signal = new AbortController().signal

type Answer = (request: IncomingMessage, response: ServerResponse, onThisSocket: number) => void

/** A server that knows how many requests came over each of its connections. */
async function serve(answer: Answer) {
  const counts = new WeakMap<Socket, number>()
  const server = createServer((request, response) => {
    const count = (counts.get(request.socket) ?? 0) + 1
    counts.set(request.socket, count)
    request.resume()
    answer(request, response, count)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0)

test('every connection sends its own cookie, and the answers are counted by status', async () => {
  const seen = new Map<string, number>()
  let bare = 0
  await using server = await serve(({ headers, url }, response) => {
    if (headers.cookie === undefined) bare += 1
    else seen.set(headers.cookie, (seen.get(headers.cookie) ?? 0) + 1)
    response.statusCode = url === '/me' ? 200 : 404
    response.end('{}')
  })
  const result = await saturate(
    {
      entry: server.url,
      mix: [
        { method: 'GET', path: '/me' },
        { method: 'GET', path: '/other' },
      ],
      cookieHeaders: ['sid=a', 'sid=b', undefined],
      durationMs: 200,
    },
    signal,
  )
  expect([...seen.keys()].sort()).toEqual(['sid=a', 'sid=b'])
  expect(bare).toBeGreaterThan(0)
  expect(Object.keys(result.statuses).sort()).toEqual(['200', '404'])
  expect(result.unanswered).toBe(0)
  expect(result.latency.count).toBe(sum(result.statuses))
  // What was still open at the end is neither answered nor unanswered: at most one per connection.
  const received = bare + [...seen.values()].reduce((a, b) => a + b, 0)
  expect(received - sum(result.statuses)).toBeLessThanOrEqual(3)
})

test('an answer without end is given up, and what comes after it is counted', async () => {
  await using server = await serve((_request, response, onThisSocket) => {
    if (onThisSocket % 2 === 1) return void response.end('{}')
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      response.once('drain', more)
    }
    more()
  })
  const result = await saturate(
    {
      entry: server.url,
      mix: [{ method: 'GET', path: '/me' }],
      cookieHeaders: [undefined, undefined],
      durationMs: 300,
    },
    signal,
  )
  expect(Object.keys(result.statuses)).toEqual(['200'])
  expect(result.unanswered).toBeGreaterThan(1)
  // Each connection that is opened anew gets one answer before the next one without end.
  expect(sum(result.statuses)).toBeGreaterThanOrEqual(result.unanswered)
})

const loginMix: readonly MixRequest[] = [
  { method: 'POST', path: '/login', body: { user: 'x' }, session: 'take' },
  { method: 'GET', path: '/me', session: 'send' },
  { method: 'GET', path: '/me', session: 'send' },
]

/** Logs in with `sid=…`, and hands out `trap=…` with every page: whoever sends that took a page's answer for a login's. */
function loginServer(perConnection: number) {
  const seen = { logins: 0, pages: 0, ownCookie: 0, trapped: 0 }
  const server = serve((request, response, onThisSocket) => {
    if (onThisSocket === perConnection) response.setHeader('Connection', 'close')
    if (request.url === '/login') {
      seen.logins += 1
      response.setHeader('Set-Cookie', [`sid=${seen.logins}; Path=/; HttpOnly`, 'sig=1; Path=/'])
    } else {
      seen.pages += 1
      if (/^sid=\d+; sig=1$/.test(request.headers.cookie ?? '')) seen.ownCookie += 1
      if (request.headers.cookie?.includes('trap')) seen.trapped += 1
      response.setHeader('Set-Cookie', 'trap=1; Path=/')
    }
    response.end('{}')
  })
  return { seen, server }
}

test('the cookies of a login are sent by the pages of the same pass', async () => {
  const { seen, server: starting } = loginServer(Number.POSITIVE_INFINITY)
  await using server = await starting
  const load = { entry: server.url, mix: loginMix, cookieHeaders: ['sid=old', undefined], durationMs: 200 }
  const result = await saturate(load, signal)
  expect(seen.pages).toBeGreaterThan(10)
  expect(seen.ownCookie).toBe(seen.pages)
  expect(result.unanswered).toBe(0)
})

test('of the cookies of a login, pages are sent what a browser would have kept for them', async () => {
  const seen = new Set<string | undefined>()
  await using server = await serve((request, response) => {
    if (request.url === '/login') {
      response.setHeader('Set-Cookie', [
        'sid=1; Path=/; HttpOnly',
        `large=${'x'.repeat(4092)}; Path=/`,
        'gone=1; Path=/; Max-Age=0',
        'elsewhere=1; Path=/admin',
      ])
    } else seen.add(request.headers.cookie)
    response.end('{}')
  })
  const load = { entry: server.url, mix: loginMix, cookieHeaders: [undefined], durationMs: 200 }
  await saturate(load, signal)
  expect([...seen]).toEqual(['sid=1'])
})

test('answers go to the right request when the server closes connections', async () => {
  const { seen, server: starting } = loginServer(5)
  await using server = await starting
  const load = { entry: server.url, mix: loginMix, cookieHeaders: [undefined, undefined], durationMs: 300 }
  const result = await saturate(load, signal)
  expect(seen.pages).toBeGreaterThan(10)
  expect(seen.trapped).toBe(0)
  expect(seen.ownCookie).toBeGreaterThan(0)
  // Each closed connection takes the request with it that had been sent on it already.
  expect(result.unanswered).toBeGreaterThan(0)
  expect(Math.abs(result.unanswered - sum(result.statuses) / 5)).toBeLessThanOrEqual(3)
})

test('autocannon by itself mixes answers up, and the guard is what prevents it', async () => {
  const misplacedAnswers = async (guarded: boolean) => {
    await using server = await serve((request, response, onThisSocket) => {
      if (onThisSocket === 5) response.setHeader('Connection', 'close')
      response.end(request.url)
    })
    const counts = { right: 0, wrong: 0 }
    const requests = ['/a', '/b', '/c'].map((path) => ({
      path,
      onResponse: (_status: number, body: string) => {
        counts[body === path ? 'right' : 'wrong'] += 1
      },
    }))
    await autocannon({
      url: server.url.origin,
      connections: 1,
      duration: 0.2,
      sampleInt: 20,
      requests,
      ...(guarded ? { setupClient: (client) => forgetRequestsOnReconnect(client, () => {}) } : {}),
    })
    expect(counts.right).toBeGreaterThan(0)
    return counts.wrong
  }
  expect(await misplacedAnswers(true)).toBe(0)
  // When this is 0 one day, autocannon has been mended and the guard can go.
  expect(await misplacedAnswers(false)).toBeGreaterThan(0)
})

test('a reset connection is one unanswered request, not two', async () => {
  let reset = 0
  await using server = await serve((request, response, onThisSocket) => {
    if (onThisSocket < 5) return response.end('{}')
    reset += 1
    request.socket.resetAndDestroy()
  })
  const load = {
    entry: server.url,
    mix: [{ method: 'GET', path: '/' }] as const,
    cookieHeaders: [undefined, undefined],
    durationMs: 200,
  }
  const result = await saturate(load, signal)
  expect(reset).toBeGreaterThan(2)
  expect(Math.abs(result.unanswered - reset)).toBeLessThanOrEqual(2)
})

test('an answer that breaks off in the middle does not swallow the next one', async () => {
  let broken = 0
  await using server = await serve((request, response, onThisSocket) => {
    response.setHeader('Content-Length', 100)
    if (onThisSocket < 5) return response.end('x'.repeat(100))
    broken += 1
    response.write('x'.repeat(40), () => request.socket.end())
  })
  const load = {
    entry: server.url,
    mix: [{ method: 'GET', path: '/' }] as const,
    cookieHeaders: [undefined],
    durationMs: 300,
  }
  const result = await saturate(load, signal)
  expect(broken).toBeGreaterThan(2)
  expect(Object.keys(result.statuses)).toEqual(['200'])
  expect(Math.abs(result.unanswered - broken)).toBeLessThanOrEqual(1)
  expect(Math.abs(sum(result.statuses) - broken * 4)).toBeLessThanOrEqual(4)
})

test('an aborted signal ends the load and throws its reason', async () => {
  const controller = new AbortController()
  await using server = await serve((_request, response, onThisSocket) => {
    if (onThisSocket === 3) controller.abort(new Error('enough'))
    response.end('{}')
  })
  const load = {
    entry: server.url,
    mix: [{ method: 'GET', path: '/' }] as const,
    cookieHeaders: [undefined],
    durationMs: 600_000,
  }
  await expect(saturate(load, controller.signal)).rejects.toThrow('enough')
  await expect(saturate(load, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
})
