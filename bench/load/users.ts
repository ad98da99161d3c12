/** Many users of one cluster: logging them in, letting them browse at a steady rate, asking whether they are still known. */
import type { Pool } from 'undici'
import { Browser, describeReply, type Outcome, outcomeOf } from './browser.ts'
import { pace } from './pacer.ts'

/** Someone who has logged in. */
export interface User {
  readonly name: string
  readonly browser: Browser
}

/** How many logins are under way at the same time: enough to keep the replicas busy, few enough not to flood them. */
const loginsAtOnce = 16

/**
 * Logs in `count` users, each in a browser of its own.
 * @throws Error when a login is not answered with 200
 */
export async function logIn(
  connections: Pool,
  entry: URL,
  prefix: string,
  count: number,
  signal: AbortSignal,
): Promise<User[]> {
  return inParallel(Array.from({ length: count }), loginsAtOnce, async (_, index) => {
    signal.throwIfAborted()
    const name = `${prefix}-${index}`
    const browser = new Browser(connections, entry)
    const reply = await browser.post('/login', { user: name })
    if (reply.kind === 'failed' || reply.status !== 200) {
      throw new Error(`the login of ${name} got ${describeReply(reply)}`)
    }
    return { name, browser }
  })
}

/** What became of a login: `unknown` when not every question about it was answered. */
export type LoginState = 'kept' | 'lost' | 'unknown'

/**
 * Asks for each user as many times in a row as there are replicas; a login is kept when every answer knows the user,
 * so that one which only some replicas know counts as lost: its user is thrown out on the next page.
 */
export async function checkLogins(
  users: readonly User[],
  replicas: number,
  signal: AbortSignal,
): Promise<LoginState[]> {
  return inParallel(users, loginsAtOnce, async ({ name, browser }) => {
    const outcomes: Outcome[] = []
    for (let replica = 0; replica < replicas; replica += 1) {
      signal.throwIfAborted()
      outcomes.push(outcomeOf(await browser.get('/me'), name))
    }
    if (outcomes.includes('logged-out')) return 'lost'
    return outcomes.includes('failed') ? 'unknown' : 'kept'
  })
}

/** One answered or failed request of a browsing user. */
export interface Visit {
  readonly outcome: Outcome
  /** When it was due, and when it ended, on the monotonic clock in milliseconds. */
  readonly intendedAtMs: number
  readonly endedAtMs: number
}

/**
 * Lets users ask for their page at a steady rate, whoever is next, until told to stop; resolves when the last answer
 * is in.
 * @param pick who sends the next request
 * @param onSent takes how late each request left
 */
export async function browse(
  load: { readonly ratePerSecond: number; readonly until: AbortSignal },
  pick: () => User,
  onVisit: (visit: Visit) => void,
  onSent: (lagMs: number) => void = () => {},
): Promise<void> {
  const open = new Set<Promise<void>>()
  let mixedUp: unknown = null
  await pace(load, (_, intendedAtMs) => {
    const user = pick()
    onSent(performance.now() - intendedAtMs)
    const visit = user.browser
      .get('/me')
      .then((reply) => onVisit({ outcome: outcomeOf(reply, user.name), intendedAtMs, endedAtMs: performance.now() }))
      .catch((error) => {
        mixedUp ??= error
      })
      .finally(() => open.delete(visit))
    open.add(visit)
  })
  await Promise.all(open)
  if (mixedUp !== null) throw mixedUp
}

/** `work` for each value, at most `width` at a time; results in the order of the values. */
async function inParallel<T, R>(
  values: readonly T[],
  width: number,
  work: (value: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(values.length)
  let next = 0
  const worker = async () => {
    while (next < values.length) {
      const index = next
      next += 1
      results[index] = await work(values[index] as T, index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, values.length) }, worker))
  return results
}
