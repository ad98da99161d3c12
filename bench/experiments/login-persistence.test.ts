/** Holds the judgement of login-persistence to hand-made observations. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { Cluster } from '../cluster/cluster.ts'
import { finding } from '../record/finding.ts'
import { seededRandom } from '../stats/random.ts'
import { loginPersistence } from './login-persistence.ts'

type Observed = Extract<Parameters<typeof loginPersistence.judge>[0][number], readonly unknown[]>[number]

const visit = { cookieReplaced: false, knownSomewhere: true }
const good: Observed = {
  strategy: 'x',
  replicas: 3,
  reading: [
    ['ok', 'ok', 'ok'],
    ['ok', 'ok', 'ok'],
  ],
  writing: [visit, visit],
  logouts: [{ oldCookiesStillLogIn: false }, { oldCookiesStillLogIn: false }],
  answers: 20,
  asAnother: 0,
}

function judged(change: Partial<Observed>) {
  const trial = { ...good, ...change }
  expect(loginPersistence.raw.parse([trial])).toEqual([trial])
  const rows = loginPersistence.judge([[trial]])
  for (const row of rows) finding.parse(row)
  return (metric: string) => rows.find((row) => row.metric === metric)
}

test('every finding says what it is about', () => {
  const rows = loginPersistence.judge([[good], [{ ...good, strategy: 'y', replicas: 1 }]])
  expect(rows.map((row) => [row.strategy, row.experiment, row.case, row.metric])).toEqual(
    [
      ['x', '3'],
      ['y', '1'],
    ].flatMap(([strategy, replicas]) =>
      [
        'recognisedShare',
        'firstLoggedOutPage',
        'lostForGoodShare',
        'logoutEffectiveShare',
        'answeredAsAnother',
      ].map((metric) => [strategy, 'login-persistence', replicas, metric]),
    ),
  )
  expect(loginPersistence.judge([])).toEqual([])
})

test('a trial holds what was seen with each number of replicas; in older folders each was a trial of its own', () => {
  const seen = [{ ...good, replicas: 1 }, { ...good, replicas: 2 }, good]
  const rows = loginPersistence.judge([seen])
  expect([...new Set(rows.map((row) => row.case))]).toEqual(['1', '2', '3'])
  for (const one of seen) expect(loginPersistence.raw.parse(one)).toEqual(one)
  expect(loginPersistence.judge(seen)).toEqual(rows)
})

test('every strategy needs one cluster, which is asked with each number of replicas', () => {
  const strategy = (name: string) => ({ name, summary: '', needs: [], routing: 'round-robin' }) as const
  const strategies = [strategy('x'), strategy('y')]
  const trials = loginPersistence.trials(
    { strategies, control: strategy('control'), replicas: 3, preset: 'quick' },
    false,
  )
  expect(trials.map(({ id, clusters }) => [id, clusters])).toEqual(
    strategies.map((each) => [each.name, [{ strategy: each, replicas: 3 }]]),
  )
})

test('nothing lost is a pass throughout', () => {
  const found = judged({})
  expect(found('recognisedShare')).toMatchObject({
    value: 1,
    low: null,
    high: null,
    verdict: 'pass',
    note: '6 of 6 pages',
  })
  expect(found('firstLoggedOutPage')).toMatchObject({ value: null, verdict: 'pass' })
  expect(found('lostForGoodShare')).toMatchObject({ value: 0, low: 0, verdict: 'pass' })
  expect(found('logoutEffectiveShare')).toMatchObject({ value: 1, high: 1, verdict: 'pass' })
})

test('being answered as somebody else fails, and is neither being recognised nor being logged out', () => {
  const found = judged({ reading: [['ok', 'answered-as-another', 'ok']], asAnother: 1 })
  expect(found('answeredAsAnother')).toMatchObject({
    value: 1,
    unit: 'count',
    verdict: 'fail',
    note: '1 of 20 answers named another user',
  })
  expect(found('recognisedShare')).toMatchObject({ value: 2 / 3, verdict: 'fail' })
  expect(found('firstLoggedOutPage')).toMatchObject({ value: null })
  expect(judged({})('answeredAsAnother')).toMatchObject({ value: 0, verdict: 'pass' })
})

test('pages that did not know their user fail, and the first of them is told as the median of the users', () => {
  const found = judged({
    reading: [
      ['ok', 'logged-out', 'logged-out'],
      ['logged-out', 'ok', 'ok'],
      ['ok', 'ok', 'ok'],
    ],
  })
  expect(found('recognisedShare')).toMatchObject({ value: 6 / 9, verdict: 'fail', note: '6 of 9 pages' })
  expect(found('firstLoggedOutPage')).toMatchObject({ value: 1.5, verdict: 'fail' })
  expect(found('firstLoggedOutPage')?.note).toContain('the 2 of 3 users found logged out')
})

test('a visit is the unit of its pages: an interval over visits, also where all of them agree', () => {
  const third = ['ok', 'logged-out', 'logged-out'] as const
  const agreed = judged({ reading: [[...third], [...third]] })('recognisedShare')
  expect(agreed).toMatchObject({ low: expect.closeTo(1 / 3), high: expect.closeTo(1 / 3) })
  const varied = judged({ reading: [[...third], [...third], ['ok', 'ok', 'ok']] })('recognisedShare')
  expect(varied).toMatchObject({ value: 5 / 9, low: 0, high: 1 }) // ±0.96, and a share has its ends
  expect(judged({ reading: [[...third]] })('recognisedShare')).toMatchObject({ low: null, high: null })
})

test('logins lost for good and logouts without effect fail, with an interval over users', () => {
  const found = judged({
    writing: [visit, visit, visit, { cookieReplaced: true, knownSomewhere: false }],
    logouts: [{ oldCookiesStillLogIn: true }, { oldCookiesStillLogIn: false }],
  })
  const lost = found('lostForGoodShare')
  expect(lost).toMatchObject({ value: 0.25, verdict: 'fail' })
  expect(lost!.low).toBeGreaterThan(0)
  expect(lost!.high).toBeLessThan(1)
  expect(lost!.note).toContain('1 of 4 visits')
  expect(lost!.note).toContain('the cookie was replaced in 1')
  expect(found('logoutEffectiveShare')).toMatchObject({ value: 0.5, verdict: 'fail' })
})

test('what got no answer is neither known nor lost, and never a pass', () => {
  const found = judged({
    reading: [['ok', 'failed', 'ok']],
    writing: [visit, { cookieReplaced: false, knownSomewhere: null }],
    logouts: [{ oldCookiesStillLogIn: null }, { oldCookiesStillLogIn: false }],
  })
  expect(found('recognisedShare')).toMatchObject({
    value: 1,
    verdict: 'unknown',
    note: '2 of 2 pages; 1 more got no answer',
  })
  expect(found('firstLoggedOutPage')).toMatchObject({ value: null, verdict: 'unknown' })
  expect(found('lostForGoodShare')).toMatchObject({ value: 0, verdict: 'unknown' })
  expect(found('logoutEffectiveShare')).toMatchObject({ value: 1, verdict: 'unknown' })
  for (const metric of ['lostForGoodShare', 'logoutEffectiveShare']) {
    expect(found(metric)?.note).toContain('1 more got no answer')
  }
})

test('what got no answer does not hide what was lost', () => {
  const found = judged({
    reading: [['failed', 'logged-out']],
    logouts: [{ oldCookiesStillLogIn: null }, { oldCookiesStillLogIn: true }],
  })
  expect(found('recognisedShare')).toMatchObject({ value: 0, verdict: 'fail' })
  expect(found('firstLoggedOutPage')).toMatchObject({ value: 2, verdict: 'fail' })
  expect(found('logoutEffectiveShare')).toMatchObject({ value: 0, verdict: 'fail' })
})

test('when nothing was answered nothing is known', () => {
  const found = judged({
    reading: [['failed', 'failed']],
    writing: [{ cookieReplaced: false, knownSomewhere: null }],
    logouts: [{ oldCookiesStillLogIn: null }],
    answers: 0,
  })
  for (const metric of [
    'recognisedShare',
    'firstLoggedOutPage',
    'lostForGoodShare',
    'logoutEffectiveShare',
    'answeredAsAnother',
  ]) {
    expect(found(metric), metric).toMatchObject({ value: null, low: null, high: null, verdict: 'unknown' })
    expect(found(metric)?.note, metric).not.toBe('')
  }
})

test('an interruption ends a visit to a cluster that is frozen', async () => {
  const interruption = new AbortController()
  // Whoever logged in gets no page any more: many waits of seconds, one after the other.
  const server = createServer((request, response) => {
    if (request.url === '/me') interruption.abort()
    else response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await using _closing = {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
  const strategy = { name: 'x', summary: '', needs: [], routing: 'round-robin' } as const
  const plan = { strategies: [strategy], control: strategy, replicas: 1, preset: 'quick' } as const
  const [spec] = loginPersistence.trials(plan, true)
  const cluster = {
    spec: spec!.clusters[0]!,
    entry: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  } as Cluster
  const trial = loginPersistence.trial(spec!, [cluster], {
    plan,
    random: seededRandom(1),
    signal: interruption.signal,
    beside: () => [],
    say() {},
    attempt: async (_cluster, work) => work(),
    measure: (work) => work(),
  })
  await expect(trial).rejects.toThrow()
})
