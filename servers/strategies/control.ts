/** The control: the app without any session, the floor that every strategy's cost is compared with. */
import type { Strategy } from './strategy.ts'

/** Can be started like a strategy but is not one of those compared: routes that need a session answer 503. */
export const control: Strategy = {
  name: 'control',
  summary: 'no session at all',
  needs: [],
  routing: 'round-robin',
  async open() {
    return {
      middleware: [],
      session: () => undefined,
      regenerate: async () => {},
      save: async () => {},
      destroy: async () => {},
      healthy: () => true,
      [Symbol.asyncDispose]: async () => {},
    }
  },
}
