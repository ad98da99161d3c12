/** Talks to the Docker Engine of this machine over its socket: starting a command for every step would cost 30 ms each. */
import type { Readable } from 'node:stream'
import { Pool } from 'undici'
import { EnvironmentError, isAbort, systemCode } from '../errors.ts'

/** The Engine refused a request. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Parameters of a request. `filters` is sent as the JSON that the Engine expects. */
export type Query = Readonly<
  Record<string, string | number | boolean | Readonly<Record<string, readonly string[]>>>
>

export interface EngineRequest {
  readonly query?: Query
  readonly signal?: AbortSignal
  /** Statuses that are answers and not errors, e.g. 404 for what may be gone already. */
  readonly accept?: readonly number[]
}

/** A connection to the Engine. Disposing closes it. */
export interface Engine extends AsyncDisposable {
  /** Path of the socket, for messages. */
  readonly socket: string
  /**
   * @returns the parsed answer, `undefined` for an empty one or for a status in `accept`
   * @throws {EngineError} when the Engine refuses
   * @throws {EnvironmentError} when it does not answer
   */
  request<T = undefined>(method: 'GET' | 'POST' | 'DELETE', path: string, options?: EngineRequest): Promise<T>
  /** An answer that goes on: the log of a container. */
  stream(path: string, options: EngineRequest): Promise<Readable>
}

/** @param socket path of a Unix socket or of a Windows pipe */
export function connectEngine(socket: string): Engine {
  // No time limits: a graceful stop takes its time, and a log that is followed is silent most of it.
  const pool = new Pool('http://docker', {
    socketPath: socket,
    connections: null,
    headersTimeout: 0,
    bodyTimeout: 0,
  })

  async function send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    { query = {}, signal, accept }: EngineRequest,
  ) {
    const parameters = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [
        key,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]),
    )
    try {
      // Without a version in the path the Engine speaks its own.
      const answer = await pool.request({ method, path: `${path}?${parameters}`, signal: signal ?? null })
      if (answer.statusCode < 400) return answer.body
      const text = await answer.body.text()
      if (accept?.includes(answer.statusCode)) return null
      throw new EngineError(answer.statusCode, messageIn(text))
    } catch (error) {
      throw explained(error, socket)
    }
  }

  return {
    socket,
    async request<T>(method: 'GET' | 'POST' | 'DELETE', path: string, options: EngineRequest = {}) {
      const body = await send(method, path, options)
      try {
        const text = (await body?.text()) ?? ''
        return (text === '' ? undefined : JSON.parse(text)) as T
      } catch (error) {
        throw explained(error, socket)
      }
    },
    async stream(path, options) {
      const body = await send('GET', path, options)
      if (body === null) throw new RangeError('a stream has no empty answer')
      return body
    },
    // Not `close`, which would wait for logs that are followed.
    [Symbol.asyncDispose]: () => pool.destroy(),
  }
}

/** The Engine's errors are `{"message": "…"}`. */
function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    return typeof message === 'string' ? message : text
  } catch {
    return text
  }
}

function explained(error: unknown, socket: string): unknown {
  if (error instanceof EngineError || isAbort(error) || systemCode(error) === undefined) return error
  return new EnvironmentError(
    `the Docker Engine does not answer (any more) at ${socket}; see \`docker info\``,
    {
      cause: error,
    },
  )
}
