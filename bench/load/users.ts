/** Many users of one cluster: logging them in, and asking whether they are still known. */
import type { Pool } from 'undici'
import { z } from 'zod'
import { count } from '../record/values.ts'
import { Browser, describeReply, type Outcome, outcomeOf } from './browser.ts'

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
    signal.throwIfAborted()
    if (reply.kind === 'failed' || reply.status !== 200) {
      throw new Error(`the login of ${name} got ${describeReply(reply)}`)
    }
    return { name, browser }
  })
}

/** What the replicas that its user can meet say of a login. */
export const loginState = z
  .strictObject({
    /** Replicas that answered, and of these the ones that knew the user, and that took the user for somebody else. */
    met: count,
    knowing: count,
    mistaking: count,
    /** Whether a question got no answer: the login may then be known where nobody told. */
    unanswered: z.boolean(),
  })
  .refine(({ met, knowing, mistaking }) => knowing + mistaking <= met, 'more replicas told than were met')
export type LoginState = z.infer<typeof loginState>

/** Whether at least one replica knows a login; `null` when none said so, but not all were heard. */
export function isKnown({ met, knowing, unanswered }: LoginState): boolean | null {
  if (knowing > 0) return true
  return unanswered || met === 0 ? null : false
}

/** How often a user is asked for, in rounds of all replicas: by one replica alone, or where answers stay away; else. */
const fewRounds = 3
const manyRounds = 10

/**
 * Asks for each user until every replica has answered, so that each counts once: evenly. A user whom the balancer ties
 * to one replica never meets the others, which shows after a few rounds; of a rotation that others share, many rounds
 * miss a replica less than once in ten thousand users.
 */
export async function checkLogins(
  users: readonly User[],
  replicas: number,
  signal: AbortSignal,
): Promise<LoginState[]> {
  return inParallel(users, usersAtOnce, async ({ name, browser }) => {
    /** What each replica said. */
    const met = new Map<string | undefined, Outcome>()
    let unanswered = false
    const rounds = () => (met.size > 1 && !unanswered ? manyRounds : fewRounds)
    for (let asked = 0; met.size < replicas && asked < rounds() * replicas; ) {
      signal.throwIfAborted()
      // All at once, so that the rotation deals them to different replicas.
      const questions = Array.from({ length: replicas - met.size }, () => browser.get('/me'))
      for (const reply of await Promise.all(questions)) {
        const outcome = outcomeOf(reply, name)
        if (reply.kind === 'failed' || outcome === 'failed') unanswered = true
        else met.set(reply.replica, weightier(outcome, met.get(reply.replica)))
      }
      asked += questions.length
    }
    const count = (outcome: Outcome) => [...met.values()].filter((one) => one === outcome).length
    return { met: met.size, knowing: count('ok'), mistaking: count('answered-as-another'), unanswered }
  })
}

/** Of two answers of one replica: a mix-up is never made good, and one that is known is not unknown. */
function weightier(now: Outcome, before: Outcome | undefined): Outcome {
  const both = [now, before]
  return (['answered-as-another', 'ok'] as const).find((outcome) => both.includes(outcome)) ?? now
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
