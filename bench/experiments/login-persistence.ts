/** Experiment: who stays logged in while moving from page to page behind a load balancer? */
import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import { Browser, describeReply, openConnections, outcomeOf, outcomes } from '../load/browser.ts'
import { answeredAsAnother } from '../record/answered-as-another.ts'
import type { Finding } from '../record/finding.ts'
import { count, name, positiveCount } from '../record/values.ts'
import { meanInterval } from '../stats/interval.ts'
import { proportionInterval } from '../stats/proportion.ts'
import { median } from '../stats/quantile.ts'
import type { Experiment, Preset, TrialContext } from './experiment.ts'

/** Users of each kind of visit; each is one case of the statistics. */
const usersOf: Record<Preset, number> = { quick: 6, default: 15, thorough: 60 }

/** Pages of a visit after the login. A multiple of 1, 2, 3 and 4, so that a rotation meets each replica equally often. */
const pages = 12
/** Pages of a writing visit that change the session, at random places. */
const writes = 4

/** What was seen with one number of replicas behind the balancer. */
const observed = z
  .strictObject({
    strategy: name,
    replicas: positiveCount,
    /** Visits that only read, a row each: the outcome of every page in order. */
    reading: z.array(z.array(z.enum(outcomes))),
    /** Visits that write on some pages. */
    writing: z.array(
      z.strictObject({
        /** Whether a later answer replaced the cookies. */
        cookieReplaced: z.boolean(),
        /** Whether at least one of as many requests as there are replicas knew the user in the end; `null`: no answer told. */
        knownSomewhere: z.boolean().nullable(),
      }),
    ),
    /** Logouts; the cookies as they were before are tried again afterwards. `null`: no answer told. */
    logouts: z.array(z.strictObject({ oldCookiesStillLogIn: z.boolean().nullable() })),
    /** Pages of all visits that were answered, and of them those that named another user than the visitor. */
    answers: count,
    asAnother: count,
  })
  .refine(({ answers, asAnother }) => asAnother <= answers, 'more answers named another user than there were')
type Observed = z.infer<typeof observed>

/** A cluster is asked with each number of replicas in turn. One by itself: folders from when each had its own cluster. */
const raw = z.array(observed).or(observed)
type Raw = z.infer<typeof raw>

export const loginPersistence: Experiment<Raw> = {
  name: 'login-persistence',
  question: 'Who stays logged in while moving from page to page, and who can log out?',
  raw,

  trials: (plan) =>
    plan.strategies.map((strategy) => ({
      id: strategy.name,
      label: strategy.name,
      clusters: [{ strategy, replicas: plan.replicas }],
      sideBySide: 4,
      expectedMs: 1_000 + plan.replicas * (200 + 70 * (plan.users ?? usersOf[plan.preset])),
    })),

  /**
   * One cluster serves with all its replicas first, as it does when it is fresh, and then with one fewer each time. What
   * earlier users have left in processes and stores cannot be met again: a login is found by its cookie alone, and every
   * user comes with an empty jar, on a connection opened since, under a name of their own, so that being taken for
   * somebody else would be noticed. Only the counts are observed, no timings, which processes that have run for a
   * while would flatter.
   */
  async trial(_spec, [cluster], context) {
    if (cluster === undefined) throw new RangeError('login-persistence needs one cluster')
    const all = cluster.spec.replicas
    const seen: Observed[] = []
    for (let replicas = all; replicas >= 1; replicas -= 1) {
      context.say(`${replicas} of ${all} replicas`)
      if (replicas < all) await cluster.routeTo(replicas, context.signal)
      seen.unshift(await observe(cluster, replicas, context))
    }
    return seen
  },

  judge: (trials) => trials.flat().flatMap(findingsOf),
}

/** @param replicas how many the balancer sends requests to */
async function observe(cluster: Cluster, replicas: number, context: TrialContext): Promise<Observed> {
  await using visits = openVisits(cluster, replicas, context)
  const users = context.plan.users ?? usersOf[context.plan.preset]
  // Awaited here: leaving the scope closes the connections.
  return await context.measure(async () => {
    const strategy = cluster.spec.strategy.name
    const result: Omit<Observed, 'answers' | 'asAnother'> = {
      strategy,
      replicas,
      reading: [],
      writing: [],
      logouts: [],
    }
    for (let user = 0; user < users; user += 1) {
      context.signal.throwIfAborted()
      result.reading.push(await visits.readingVisit(`reader-${replicas}-${user}`))
      result.writing.push(await visits.writingVisit(`writer-${replicas}-${user}`))
      result.logouts.push(await visits.logout(`leaver-${replicas}-${user}`))
    }
    return { ...result, ...visits.seen }
  })
}

/** The visits to one cluster. Requests go out one after the other, so that the rotation is what places them. */
function openVisits(cluster: Cluster, replicas: number, { random, signal }: TrialContext) {
  const connections = openConnections(cluster.entry, signal)
  const stranger = new Browser(connections, cluster.entry)
  const seen = { answers: 0, asAnother: 0 }

  /** Other people's requests move the rotation on; without them each visit would meet it in the same phase. */
  const shiftRotation = async () => {
    for (let others = random.int(replicas); others > 0; others -= 1) await stranger.get('/healthz')
  }
  const login = async (user: string) => {
    await shiftRotation()
    const browser = new Browser(connections, cluster.entry)
    const reply = await browser.post('/login', { user })
    if (reply.kind === 'failed' || reply.status !== 200) {
      throw new Error(`login on a healthy cluster got ${describeReply(reply)}`)
    }
    return browser
  }
  const page = async (browser: Browser, user: string) => {
    const outcome = outcomeOf(await browser.get('/me'), user)
    if (outcome !== 'failed') seen.answers += 1
    if (outcome === 'answered-as-another') seen.asAnother += 1
    return outcome
  }
  const knownSomewhere = async (browser: Browser, user: string) => {
    let everyAnswerCame = true
    for (let replica = 0; replica < replicas; replica += 1) {
      const outcome = await page(browser, user)
      if (outcome === 'ok') return true
      if (outcome === 'failed') everyAnswerCame = false
    }
    return everyAnswerCame ? false : null
  }

  return {
    seen,

    async readingVisit(user: string): Promise<Observed['reading'][number]> {
      const browser = await login(user)
      const found: Observed['reading'][number] = []
      for (let count = 0; count < pages; count += 1) found.push(await page(browser, user))
      return found
    },

    async writingVisit(user: string): Promise<Observed['writing'][number]> {
      const browser = await login(user)
      const cookieAtLogin = browser.cookies.header('/me')
      const isWrite = random.shuffle(Array.from({ length: pages }, (_, page) => page < writes))
      for (const write of isWrite) {
        // Only where it counts: which replica a page is read from leaves nothing behind.
        if (write) await shiftRotation()
        await (write ? browser.post('/counter') : page(browser, user))
      }
      const cookieReplaced = browser.cookies.header('/me') !== cookieAtLogin
      return { cookieReplaced, knownSomewhere: await knownSomewhere(browser, user) }
    },

    async logout(user: string): Promise<Observed['logouts'][number]> {
      const browser = await login(user)
      const before = browser.copy()
      await shiftRotation()
      const reply = await browser.post('/logout')
      if (reply.kind === 'failed' || reply.status >= 500) return { oldCookiesStillLogIn: null }
      return { oldCookiesStillLogIn: await knownSomewhere(before, user) }
    },

    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  }
}

/**
 * The 95 % interval of the share of pages that knew their user. Pages of one visit depend on each other, so the visit is
 * the unit (Student's t over the shares of the visits). None for what has to be all, and is.
 */
function overVisits(visits: Observed['reading']): Pick<Finding, 'low' | 'high'> {
  const shares = visits
    .map((pages) => pages.filter((page) => page !== 'failed'))
    .filter((answered) => answered.length > 0)
    .map((answered) => answered.filter((page) => page === 'ok').length / answered.length)
  if (shares.every((share) => share === 1)) return { low: null, high: null }
  const { low, high } = meanInterval(shares, 0.95)
  return { low: low === null ? null : Math.max(0, low), high: high === null ? null : Math.min(1, high) }
}

function findingsOf(trial: Observed): Finding[] {
  const about = { strategy: trial.strategy, experiment: loginPersistence.name, case: String(trial.replicas) }
  const allPages = trial.reading.flat()
  const firstLosses = trial.reading.map((outcomes) => outcomes.indexOf('logged-out') + 1)
  const losses = firstLosses.filter((page) => page > 0)
  const replaced = trial.writing.filter((visit) => visit.knownSomewhere === false && visit.cookieReplaced)

  /** @param cases whether each is what the share counts; `null`: no answer told */
  const share = (metric: string, cases: readonly (boolean | null)[], good: number, what: string): Finding => {
    const known = cases.filter((one) => one !== null)
    const unanswered = cases.length - known.length
    if (known.length === 0) {
      const note = `none of ${cases.length} got an answer`
      return { ...about, metric, value: null, unit: 'share', low: null, high: null, verdict: 'unknown', note }
    }
    const part = known.filter((one) => one).length
    const { estimate, low, high } = proportionInterval(part, known.length, 0.95)
    const verdict = estimate !== good ? 'fail' : unanswered > 0 ? 'unknown' : 'pass'
    const more = unanswered > 0 ? `; ${unanswered} more got no answer` : ''
    const note = `${part} of ${known.length} ${what}${more}`
    return { ...about, metric, value: estimate, unit: 'share', low, high, verdict, note }
  }
  const recognised = allPages.map((outcome) => (outcome === 'failed' ? null : outcome === 'ok'))
  const allAnswered = !recognised.includes(null)
  return [
    { ...share('recognisedShare', recognised, 1, 'pages'), ...overVisits(trial.reading) },
    {
      ...about,
      metric: 'firstLoggedOutPage',
      value: losses.length === 0 ? null : median(losses),
      unit: 'count',
      low: null,
      high: null,
      verdict: losses.length > 0 ? 'fail' : allAnswered ? 'pass' : 'unknown',
      note:
        losses.length === 0
          ? `nobody was found logged out${allAnswered ? '' : ', but not every page was answered'}`
          : `median over the ${losses.length} of ${trial.reading.length} users found logged out; 1 is the first page after login`,
    },
    share(
      'lostForGoodShare',
      trial.writing.map(({ knownSomewhere }) => (knownSomewhere === null ? null : !knownSomewhere)),
      0,
      `visits with ${writes} writes on ${pages} pages; the cookie was replaced in ${replaced.length}`,
    ),
    share(
      'logoutEffectiveShare',
      trial.logouts.map(({ oldCookiesStillLogIn: still }) => (still === null ? null : !still)),
      1,
      'logouts: the cookies from before the logout no longer log in',
    ),
    answeredAsAnother(about, trial),
  ]
}
