/** A saturating closed loop through autocannon, for throughput on a healthy cluster. */
import type autocannon from 'autocannon'
import { longestBody } from './browser.ts'
import { Cookies } from './cookies.ts'
import { Latencies, type LatencySummary } from './latencies.ts'

/** One request of the mix that each connection repeats. */
export interface MixRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Sent as JSON. */
  readonly body?: object
  /** `'take'`: keep the cookies of its answer for the rest of the pass. `'send'`: send those. Absent: the connection's own. */
  readonly session?: 'take' | 'send'
}

/** What to send. */
export interface Saturation {
  readonly entry: URL
  readonly mix: readonly MixRequest[]
  /** One connection each: the Cookie header it sends, or `undefined`. */
  readonly cookieHeaders: readonly (string | undefined)[]
  readonly durationMs: number
}

/** What came back in one window. */
export interface SaturationResult {
  /** From the first request to the last answer. */
  readonly elapsedMs: number
  /** Answers by status code. */
  readonly statuses: Readonly<Record<string, number>>
  /** Requests without an answer: errors, timeouts and connections closed before one came. */
  readonly unanswered: number
  /** As the closed loop saw it: from sending to the last byte of the answer. */
  readonly latency: LatencySummary
}

/** How often autocannon looks whether it should end; its default of a second would end windows a second late. */
const sampleMs = 20

/** @throws the signal's reason when it is aborted */
export async function saturate(load: Saturation, signal: AbortSignal): Promise<SaturationResult> {
  // Loaded here, since it takes some 30 MB, which an experiment that saturates nothing can do without.
  const { default: startAutocannon } = await import('autocannon')
  signal.throwIfAborted()
  const latencies = new Latencies()
  const statuses: Record<string, number> = {}
  let reconnects = 0
  let connection = 0
  const { promise, resolve, reject } = Promise.withResolvers<void>()

  let startedAt = 0
  const run = startAutocannon(
    {
      url: load.entry.origin,
      connections: load.cookieHeaders.length,
      duration: load.durationMs / 1000,
      sampleInt: sampleMs,
      timeout: 10,
      requests: load.mix.map((request) => toRequest(load.entry, request)),
      setupClient(client) {
        forgetRequestsOnReconnect(client, () => {
          reconnects += 1
        })
        giveUpLongAnswers(client)
        const cookie = load.cookieHeaders[connection % load.cookieHeaders.length]
        connection += 1
        if (cookie !== undefined)
          client.setRequests(load.mix.map((request) => toRequest(load.entry, request, cookie)))
      },
    },
    (error: unknown) => (error ? reject(error) : resolve()),
  )
  startedAt = performance.now()
  run.on('response', (_client, status, _bytes, responseTimeMs) => {
    latencies.record(responseTimeMs)
    statuses[status] = (statuses[status] ?? 0) + 1
  })
  const stop = () => run.stop()
  signal.addEventListener('abort', stop, { once: true })
  await promise.finally(() => signal.removeEventListener('abort', stop))
  const elapsedMs = performance.now() - startedAt
  signal.throwIfAborted()
  // An error, a time-out or an answer that is too long opens the connection again as well: `result.errors` are among these.
  return { elapsedMs, statuses, unanswered: reconnects, latency: latencies.summary() }
}

function toRequest(entry: URL, request: MixRequest, cookie?: string): autocannon.Request {
  const headers: Record<string, string> = {}
  if (cookie !== undefined && request.session === undefined) headers.cookie = cookie
  if (request.body !== undefined) headers['content-type'] = 'application/json'
  const plain: autocannon.Request = {
    method: request.method,
    path: request.path,
    headers,
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  }
  if (request.session === 'take') {
    return {
      ...plain,
      onResponse(_status, _body, context: PassContext, received) {
        context.cookies = new Cookies(entry)
        context.cookies.receive(request.path, setCookieLines(received))
      },
    }
  }
  if (request.session === 'send') {
    return {
      ...plain,
      setupRequest(unsent, context: PassContext) {
        const cookie = context.cookies?.header(request.path)
        return cookie === undefined ? unsent : { ...unsent, headers: { ...headers, cookie } }
      },
    }
  }
  return plain
}

/** What autocannon carries through one pass over the mix. */
interface PassContext {
  cookies?: Cookies
}

/** The values of an answer's `Set-Cookie` headers, whose name autocannon leaves as the server spelled it. */
function setCookieLines(headers: object | undefined): string[] {
  const named = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'set-cookie')
  return named === undefined ? [] : [named[1] as string | string[]].flat()
}

/**
 * autocannon 9 keeps the request that a closed connection left unanswered in its queue, and from then on hands each
 * answer to the wrong request; of an answer that broke off it takes the next one for the rest (`lib/httpClient.js`,
 * `conn.on('end')`). This forgets both before a connection is opened again.
 */
export function forgetRequestsOnReconnect(client: autocannon.Client, onReconnect: () => void): void {
  const inside = client as unknown as {
    _connect(): void
    pipelinedRequests: { clear(): void }
    parser: { initialize(type: 'RESPONSE'): void }
  }
  const connect = inside._connect
  let first = true
  inside._connect = function reconnect(this: typeof inside) {
    if (!first) {
      this.pipelinedRequests.clear()
      this.parser.initialize('RESPONSE')
      onReconnect()
    }
    first = false
    connect.call(this)
  }
}

/** autocannon keeps the body of an answer until it ends: one that may never do so is given up with its connection. */
export function giveUpLongAnswers(client: autocannon.Client): void {
  const inside = client as unknown as {
    pipelinedRequests: { peek(): { readonly body: string } | undefined }
    _resetConnection(): void
  }
  let isGivenUp = false
  client.on('body', () => {
    const length = inside.pipelinedRequests.peek()?.body.length ?? 0
    if (isGivenUp || length <= longestBody) return
    isGivenUp = true
    // Not here, where the parser is in the middle of it.
    process.nextTick(() => {
      isGivenUp = false
      inside._resetConnection()
    })
  })
}
