/** Strategy: the state itself travels in a signed cookie; replicas and stores keep nothing. */
import type { Request } from 'express'
import { SESSION_COOKIE, SESSION_COOKIE_NAME, SESSION_TTL_MS } from '../sessions/session-cookie.ts'
import type { SessionData, Strategy } from './strategy.ts'

/**
 * Anybody who can read the cookie can read the state, and an old cookie stays valid: there is no id to revoke.
 * cookie-session puts the signature into a second cookie, `sid.sig`.
 */
export const cookie: Strategy = {
  name: 'cookie',
  summary: 'in a signed cookie in the browser (cookie-session)',
  needs: [],
  routing: 'round-robin',
  async open(config) {
    const { default: cookieSession } = await import('cookie-session')
    const middleware = cookieSession({
      ...SESSION_COOKIE,
      name: SESSION_COOKIE_NAME,
      keys: [config.sessionSecret],
      maxAge: SESSION_TTL_MS,
    })
    return {
      middleware: [middleware],
      session: (req) => carried(req).session ?? undefined,
      // There is no id to replace; what must not outlive a login is the state collected before it.
      async regenerate(req) {
        carried(req).session = {}
      },
      // The cookie is written with the headers of the answer, which is where later requests will find the state.
      save: async () => {},
      async destroy(req) {
        // Makes cookie-session clear both of its cookies in the answer.
        carried(req).session = null
      },
      healthy: () => true,
      [Symbol.asyncDispose]: async () => {},
    }
  },
}

/** `req.session` as cookie-session defines it; the types of express-session have taken the name. */
function carried(req: Request): { session: SessionData | null } {
  return req as unknown as { session: SessionData | null }
}
