/** Many users of one cluster: logging them in, and asking whether they are still known. */
import type { Pool } from 'undici'
import { Browser, describeReply, type Outcome, outcomeOf } from './browser.ts'

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
 * One request after the other, so that the balancer's rotation puts each user's questions to every replica.
 */
export async function checkLogins(
  users: readonly User[],
  replicas: number,
  signal: AbortSignal,
): Promise<LoginState[]> {
  const states: LoginState[] = []
  for (const { name, browser } of users) {
    const outcomes: Outcome[] = []
    for (let replica = 0; replica < replicas; replica += 1) {
      signal.throwIfAborted()
      outcomes.push(outcomeOf(await browser.get('/me'), name))
    }
    if (outcomes.includes('logged-out')) states.push('lost')
    else states.push(outcomes.includes('failed') ? 'unknown' : 'kept')
  }
  return states
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
