/** What a session strategy is: the one interface between the replica's app and the places login state can live. */
import type { Request, RequestHandler, Response } from 'express'
import type { ReplicaConfig } from '../config.ts'

/** A process that a driver has to start beside the replicas for a strategy to work. */
export type Service = 'redis' | 'redis-aof'

/** How the balancer chooses the replica for a request. */
export type Routing = 'round-robin' | 'sticky'

/** The state the app keeps for one visitor, wherever the strategy puts it. */
export interface SessionData {
  /** Name of the user who logged in; absent for an anonymous visitor. */
  user?: string
  /** How often `POST /counter` was called in this session. */
  counter?: number
}

/** What is known of a strategy without opening it. The harness reads only this part. */
export interface StrategyInfo {
  /** Kebab-case; equals the file name and what is typed on the command line. */
  readonly name: string
  /** One line for lists and reports. */
  readonly summary: string
  /** Services that must run before a replica starts, in starting order. */
  readonly needs: readonly Service[]
  readonly routing: Routing
}

export interface Strategy extends StrategyInfo {
  /**
   * Connects to whatever the strategy needs and returns the working parts.
   * Clients are imported in here, so that a replica loads only its own.
   * @throws when a needed service cannot be reached.
   */
  open(config: ReplicaConfig): Promise<OpenStrategy>
}

/** A strategy at work in one replica. Disposing closes its connections. */
export interface OpenStrategy extends AsyncDisposable {
  /** Express middleware that makes the session of a request available to the functions below, in order. */
  readonly middleware: readonly RequestHandler[]
  /** The state of the visitor who sent `req`; writing to it changes the session. `undefined`: there is no session. */
  session(req: Request): SessionData | undefined
  /** Replaces the visitor's session by a fresh, empty one under a new id (the defence against session fixation). */
  regenerate(req: Request): Promise<void>
  /** Resolves once the state has been stored where later requests will find it. */
  save(req: Request): Promise<void>
  /** Ends the session and tells the browser to drop its cookie. */
  destroy(req: Request, res: Response): Promise<void>
  /** Whether a request that needs the session could be served now; shown by `GET /healthz`. */
  healthy(): boolean
}
