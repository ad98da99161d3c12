/** Many users of one cluster: logging them in, and asking whether they are still known. */
import type { Pool } from 'undici'
import { Browser, describeReply, outcomeOf } from './browser.ts'

/** Someone who has logged in. */
export interface User {
  readonly name: string
  readonly browser: Browser
}

/** How many users are served at the same time: enough to keep the replicas busy, few enough not to flood them. */
const usersAtOnce = 16

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
  return inParallel(Array.from({ length: count }), usersAtOnce, async (_, index) => {
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
export const loginStates = ['kept', 'lost', 'answered-as-another', 'unknown'] as const
export type LoginState = (typeof loginStates)[number]

/**
 * Asks for each user until every replica has answered, at most three times as often as there are replicas (a user
 * whom the balancer ties to one replica never meets the others). A login is kept when every answer knows the user, so
 * that one which only some replicas know counts as lost: its user is thrown out on the next page.
 */
export async function checkLogins(
  users: readonly User[],
  replicas: number,
  signal: AbortSignal,
): Promise<LoginState[]> {
  return inParallel(users, usersAtOnce, async ({ name, browser }) => {
    const met = new Set<string | undefined>()
    let state: LoginState = 'kept'
    for (let asked = 0; met.size < replicas && asked < 3 * replicas; ) {
      signal.throwIfAborted()
      // All at once, so that the rotation deals them to different replicas.
      const questions = Array.from({ length: replicas - met.size }, () => browser.get('/me'))
      const replies = await Promise.all(questions)
      const outcomes = replies.map((reply) => outcomeOf(reply, name))
      if (outcomes.includes('answered-as-another')) return 'answered-as-another'
      if (outcomes.includes('logged-out')) return 'lost'
      for (const [at, reply] of replies.entries()) {
        if (outcomes[at] === 'failed') state = 'unknown'
        else if (reply.kind === 'answered') met.add(reply.replica)
      }
      asked += questions.length
    }
    return state
  })
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
