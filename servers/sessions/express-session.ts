/** Wires express-session with any of its stores into the strategy interface. */
import type { Request } from 'express'
import session, { type Store } from 'express-session'
import type { OpenStrategy, SessionData as OurSessionData } from '../strategies/strategy.ts'
import { SESSION_COOKIE, SESSION_COOKIE_NAME, SESSION_TTL_MS } from './session-cookie.ts'

declare module 'express-session' {
  interface SessionData extends OurSessionData {}
}

/** A store of express-session and what the strategy has to know of it. */
export interface SessionStore {
  readonly store: Store
  /** Whether the store would answer now. */
  healthy(): boolean
  close(): Promise<void>
}

/** @param secret signs the session id in the cookie */
export function openExpressSession(secret: string, { store, healthy, close }: SessionStore): OpenStrategy {
  const middleware = session({
    store,
    secret,
    name: SESSION_COOKIE_NAME,
    // With `true`, a request that only reads writes back what it read and undoes newer writes and logouts.
    resave: false,
    // With `true`, every visitor without a cookie costs a session, and another replica's cookie is overwritten.
    saveUninitialized: false,
    cookie: { ...SESSION_COOKIE, maxAge: SESSION_TTL_MS },
  })
  return {
    middleware: [middleware],
    session: (req) => req.session,
    regenerate: (req) => completed(req, (done) => req.session.regenerate(done)),
    save: (req) => completed(req, (done) => req.session.save(done)),
    async destroy(req, res) {
      await completed(req, (done) => req.session.destroy(done))
      res.clearCookie(SESSION_COOKIE_NAME, SESSION_COOKIE)
    },
    healthy,
    [Symbol.asyncDispose]: close,
  }
}

/**
 * Turns a callback of express-session into a promise. After a failure the request goes on without a session: otherwise
 * the end of the error answer would try to save it once more, and hand out the cookie of a session that is not stored.
 */
function completed(req: Request, call: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => {
      if (!error) return resolve()
      Reflect.deleteProperty(req, 'session')
      reject(error)
    })
  })
}
