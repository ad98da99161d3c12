/** One simulated browser: it keeps its cookies and says of each request how it ended. */
import type { IncomingHttpHeaders } from 'node:http'
import { type buildConnector, Pool } from 'undici'
import { Cookies } from './cookies.ts'

/** How long an answer may take before the request counts as failed; and, once it has begun, until its end. */
const answerWithinMs = 5_000
/** A longer answer counts as failed: it may have no end. In bytes. */
export const longestBody = 2 ** 20

/** What came back for one request: an answer, or the reason why there is none. A request that failed may have happened. */
export type Reply =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly replica: string | undefined
      readonly body: string
    }
  | { readonly kind: 'failed'; readonly reason: string }

/**
 * How a request of a logged-in user ended: recognised, answered without being recognised, not answered (or by 5xx), or
 * answered with what belongs to somebody else.
 */
export const outcomes = ['ok', 'logged-out', 'failed', 'answered-as-another'] as const
export type Outcome = (typeof outcomes)[number]

/** Disposing closes them, whatever is under way. */
export type Connections = Pool & AsyncDisposable

/**
 * The connections of all browsers that talk to one cluster.
 * @param signal when it is aborted, requests that are under way and those that are still to come fail at once: nobody waits
 *   for a cluster that is frozen. What fails so says nothing of the cluster, so check the signal before it counts
 * @param connect opens one; absent: as undici does
 */
export function openConnections(
  origin: URL,
  signal: AbortSignal,
  connect?: buildConnector.connector,
): Connections {
  const pool = new Pool(origin.origin, {
    connections: 512,
    pipelining: 1,
    connect: connect ?? { timeout: 2_000 },
    headersTimeout: answerWithinMs,
    bodyTimeout: answerWithinMs,
    keepAliveTimeout: 60_000,
  })
  const giveUp = () => void pool.destroy()
  signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) giveUp()
  return Object.assign(pool, {
    [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', giveUp)
      return pool.destroy()
    },
  })
}

/** A browser with cookies of its own; many of them share the connections. */
export class Browser {
  readonly cookies: Cookies
  readonly #connections: Pool
  readonly #origin: URL

  constructor(connections: Pool, origin: URL, cookies = new Cookies(origin)) {
    this.#connections = connections
    this.#origin = origin
    this.cookies = cookies
  }

  /** A second browser with the same cookies as this one has now. */
  copy(): Browser {
    return new Browser(this.#connections, this.#origin, this.cookies.copy())
  }

  /** A browser without cookies, of somebody else. */
  stranger(): Browser {
    return new Browser(this.#connections, this.#origin)
  }

  get(path: string): Promise<Reply> {
    return this.#send('GET', path, undefined)
  }

  /** @param body sent as JSON; absent: no body */
  post(path: string, body?: object): Promise<Reply> {
    return this.#send('POST', path, body === undefined ? undefined : JSON.stringify(body))
  }

  /** Never rejects: a request that got no answer is a reply as well. */
  #send(method: 'GET' | 'POST', path: string, body: string | undefined): Promise<Reply> {
    const headers: Record<string, string> = {}
    const cookie = this.cookies.header(path)
    if (cookie !== undefined) headers.cookie = cookie
    if (body !== undefined) headers['content-type'] = 'application/json'

    const { promise, resolve } = Promise.withResolvers<Reply>()
    let status = 0
    let replica: string | undefined
    let text = ''
    let size = 0
    let endsByMs = 0
    this.#connections.dispatch(
      { method, path, headers, body: body ?? null },
      {
        onRequestStart() {},
        onResponseStart: (_controller, statusCode: number, received: IncomingHttpHeaders) => {
          status = statusCode
          endsByMs = performance.now() + answerWithinMs
          replica = single(received['x-replica'])
          // Kept even if the answer breaks off later: a browser has stored them by then.
          if (received['set-cookie'] !== undefined)
            this.cookies.receive(path, [received['set-cookie']].flat())
        },
        onResponseData(controller, chunk) {
          size += chunk.length
          if (size > longestBody) controller.abort(new Error(`its body has more than ${longestBody} bytes`))
          else if (performance.now() > endsByMs)
            controller.abort(new Error(`its body has not ended within ${answerWithinMs / 1000} s`))
          else text += chunk.toString('utf8')
        },
        onResponseEnd() {
          resolve({ kind: 'answered', status, replica, body: text })
        },
        onResponseError(_controller, error) {
          resolve({ kind: 'failed', reason: (error as NodeJS.ErrnoException).code ?? error.message })
        },
      },
    )
    return promise
  }
}

/**
 * What a reply says of the login of `user`, to any request whose answer names them (servers/README.md). An answer of 5xx
 * is a failure: nobody was told to log in.
 * @throws Error when the answer is a 200 that does not say whom it takes its reader for: such an app cannot be measured
 */
export function outcomeOf(reply: Reply, user: string): Outcome {
  if (reply.kind === 'failed' || reply.status >= 500) return 'failed'
  if (reply.status !== 200) return 'logged-out'
  const named = userIn(reply.body)
  if (named === undefined)
    throw new Error(`expected a body like {"user":"alice"} for '${user}', got ${describeReply(reply)}`)
  return named === user ? 'ok' : named === null ? 'logged-out' : 'answered-as-another'
}

/** Whom a body names, `null` for nobody; `undefined` when it does not say. */
function userIn(body: string): string | null | undefined {
  try {
    const { user } = JSON.parse(body) as { user?: unknown }
    return typeof user === 'string' || user === null ? user : undefined
  } catch {
    return undefined // no JSON, or nothing that could have a user
  }
}

/** What a reply says in a message: `200 {"user":…}`, `502 Bad Gateway` or `no answer (ECONNRESET)`. */
export function describeReply(reply: Reply): string {
  if (reply.kind === 'failed') return `no answer (${reply.reason})`
  // A page of nginx's own says everything in its title, which begins with the status.
  const title = /<title>(?<text>[^<]*)<\/title>/i.exec(reply.body)?.groups?.text?.trim()
  const said = title ?? reply.body.slice(0, 200)
  return said.startsWith(`${reply.status} `) ? said : `${reply.status} ${said}`
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
