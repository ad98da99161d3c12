/** The Express app under test: the routes of the replica contract (README.md), on top of any session strategy. */
import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import { log } from './log.ts'
import type { OpenStrategy, SessionData } from './strategies/strategy.ts'

/** What the app stands on. */
export interface AppOptions {
  /** The replica's name, sent with every answer. */
  readonly name: string
  readonly strategy: OpenStrategy
  /** Whether the replica takes requests; `false` once it is stopping. */
  accepting(): boolean
}

/** An error whose message may be shown to whoever sent the request. */
class HttpError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const EXPECTED_BODY = 'expected a JSON body like {"user":"alice"} with Content-Type: application/json'
const LONGEST_USER = 200

/** Builds the app; it does not listen yet. */
export function createApp({ name, strategy, accepting }: AppOptions): Express {
  const app = express()
  // Nothing but the session may differ between strategies and the control, so what varies with the body is off.
  app.disable('x-powered-by')
  app.disable('etag')

  const json = express.json({ limit: '4kb' })

  app.use((_req, res, next) => {
    res.setHeader('X-Replica', name)
    next()
  })

  // Above the session middleware: these touch no session.
  app.get('/healthz', (_req, res) => {
    const ready = accepting() && strategy.healthy()
    res.status(ready ? 200 : 503).json({ ready, replica: name })
  })
  app.get('/control', (_req, res) => {
    res.json({ user: 'control', replica: name })
  })
  app.post('/control', json, (req, res) => {
    res.json({ user: userIn(req.body), replica: name })
  })

  for (const middleware of strategy.middleware) app.use(middleware)

  function sessionOf(req: Request): SessionData {
    const session = strategy.session(req)
    if (session === undefined) throw new HttpError(503, 'this replica has no session for the request')
    return session
  }

  app.get('/me', (req, res) => {
    const { user } = sessionOf(req)
    res.status(user === undefined ? 401 : 200).json({ user: user ?? null, replica: name })
  })

  app.post('/login', json, async (req, res) => {
    const user = userIn(req.body)
    sessionOf(req)
    await strategy.regenerate(req)
    sessionOf(req).user = user
    await strategy.save(req)
    res.json({ user, replica: name })
  })

  app.post('/counter', async (req, res) => {
    const session = sessionOf(req)
    const counter = (session.counter ?? 0) + 1
    session.counter = counter
    await strategy.save(req)
    res.json({ counter, user: session.user ?? null, replica: name })
  })

  app.post('/logout', async (req, res) => {
    sessionOf(req)
    await strategy.destroy(req, res)
    res.status(204).end()
  })

  app.use((req) => {
    throw new HttpError(404, `no such route: ${req.method} ${req.path}`)
  })
  app.use(errorAnswer(name, strategy))
  return app
}

/** @throws {HttpError} saying what a body must look like */
function userIn(body: unknown): string {
  if (typeof body !== 'object' || body === null) throw new HttpError(400, EXPECTED_BODY)
  const user = 'user' in body ? body.user : undefined
  if (typeof user !== 'string' || user.length < 1 || user.length > LONGEST_USER) {
    throw new HttpError(400, `user must be a string of 1 to ${LONGEST_USER} characters; ${EXPECTED_BODY}`)
  }
  return user
}

/** Answers every error as JSON without a stack trace; Express takes a handler with four parameters for errors. */
function errorAnswer(name: string, strategy: OpenStrategy): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    const fault = clientFault(error)
    if (fault !== undefined) {
      res.status(fault.status).json({ error: fault.message })
      return
    }
    // A store that is known to be away was reported once, when it went; a line per request would only slow things down.
    const healthy = strategy.healthy()
    if (healthy)
      log(name, `${req.method} ${req.path}: ${error instanceof Error ? error.message : String(error)}`)
    if (!res.headersSent) {
      res
        .status(healthy ? 500 : 503)
        .json({ error: healthy ? 'internal error' : 'session store unavailable' })
    } else if (!res.writableEnded) {
      res.destroy()
    }
  }
}

/** The status and message to show for an error that the request caused, `undefined` for any other. */
function clientFault(error: unknown): { status: number; message: string } | undefined {
  if (error instanceof HttpError) return error
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined
  if (error.status < 400 || error.status > 499) return undefined
  const unparsable = 'type' in error && error.type === 'entity.parse.failed'
  return {
    status: error.status,
    message: unparsable ? `the body is not valid JSON; ${EXPECTED_BODY}` : error.message,
  }
}
