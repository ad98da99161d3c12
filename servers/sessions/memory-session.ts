/** Sessions in the memory of the replica's own process, kept by express-session's MemoryStore. */
import { MemoryStore } from 'express-session'
import type { ReplicaConfig } from '../config.ts'
import type { OpenStrategy } from '../strategies/strategy.ts'
import { openExpressSession } from './express-session.ts'

/** Opens a store that is empty and ends with the process. */
export function openMemorySession(config: ReplicaConfig): OpenStrategy {
  return openExpressSession(config.sessionSecret, {
    store: new MemoryStore(),
    healthy: () => true,
    close: async () => {},
  })
}
