/** Stops an HTTP server gracefully: nothing new is accepted, what has begun is answered, idle connections are closed. */
import type { Server, ServerResponse } from 'node:http'

/** A server whose requests in flight are known. */
export interface Drainable {
  /** Whether `drain` has begun. */
  readonly draining: boolean
  /**
   * Resolves when every connection is closed.
   * @param limitMs how long requests in flight may take before they are cut
   * @returns how many requests were cut
   */
  drain(limitMs: number): Promise<number>
}

/** Watches the requests of `server` from now on; call it before the server listens. */
export function drainable(server: Server): Drainable {
  const inFlight = new Set<ServerResponse>()
  let draining = false
  let onAnswered = () => {}

  server.prependListener('request', (_req, res: ServerResponse) => {
    inFlight.add(res)
    if (draining) res.setHeader('Connection', 'close')
    res.once('close', () => {
      inFlight.delete(res)
      onAnswered()
    })
  })

  /** Resolves with 0 when the last answer is out, or with the number of those missing when time is up. */
  function answered(limitMs: number): Promise<number> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(inFlight.size), limitMs)
      onAnswered = () => {
        if (inFlight.size > 0) return
        clearTimeout(timer)
        resolve(0)
      }
      onAnswered()
    })
  }

  return {
    get draining() {
      return draining
    },
    async drain(limitMs) {
      draining = true
      for (const res of inFlight) if (!res.headersSent) res.setHeader('Connection', 'close')
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const cut = await answered(limitMs)
      // What is open now waits for requests that will not be taken: nginx's keep-alive connections, and connections
      // that never sent anything, which `closeIdleConnections` would leave open.
      server.closeAllConnections()
      await closed
      return cut
    },
  }
}
