/** Holds restart-survival on real clusters to what follows from where each strategy keeps the login. */
import { beforeAll, expect, test } from 'vitest'
import { faults } from '../cluster/faults.ts'
import { type Findings, runLocally } from '../testing/local-run.ts'
import { restartSurvival } from './restart-survival.ts'

const users = 12
let found: Findings
beforeAll(async () => {
  found = await runLocally({ experiment: restartSurvival, replicas: 3, users })
}, 300_000)

const value = (strategy: string, fault: string, metric = 'survivedShare') =>
  found.find(strategy, fault, metric).value

const stores = ['redis', 'redis-aof']
const everyFault = (strategy: string) =>
  faults.filter(({ target }) => target === 'replicas' || stores.includes(strategy)).map(({ name }) => name)

test.each<[strategy: string, survived: Record<string, number>]>([
  ['cookie', { 'rolling-restart': 1, crash: 1, 'restart-all': 1 }],
  ['redis', { 'rolling-restart': 1, crash: 1, 'restart-all': 1, 'store-restart': 1, 'store-crash': 0 }],
  ['redis-aof', { 'rolling-restart': 1, crash: 1, 'restart-all': 1, 'store-restart': 1, 'store-crash': 1 }],
])('%s keeps the logins it can keep', (strategy, survived) => {
  const cases = found.all
    .filter((row) => row.strategy === strategy && row.metric === 'survivedShare')
    .map((row) => [row.case, row.value])
  expect(Object.fromEntries(cases)).toEqual(survived)
})

test.each(['memory', 'memory-sticky'])(
  'what is in the memory of processes (%s) dies with each',
  (strategy) => {
    expect(value(strategy, 'rolling-restart')).toBe(0)
    expect(value(strategy, 'restart-all')).toBe(0)
    // One of three replicas was killed, which had a third of the logins, give or take the one that the rotation was at.
    expect(value(strategy, 'crash')).toBeGreaterThanOrEqual(2 / 3 - 1 / users)
    expect(value(strategy, 'crash')).toBeLessThanOrEqual(2 / 3 + 1 / users)
  },
)

test('what survives is another question than who is recognised', () => {
  expect(value('memory', 'crash', 'recognisedShareBefore')).toBeCloseTo(1 / 3)
  expect(value('memory', 'crash', 'recognisedShareAfter')).toBeCloseTo(value('memory', 'crash')! / 3)
  expect(value('memory-sticky', 'crash', 'recognisedShareBefore')).toBe(1)
  expect(value('memory-sticky', 'crash', 'recognisedShareAfter')).toBe(value('memory-sticky', 'crash'))
})

test('a login that was acknowledged around a fault is as safe as where it is kept', () => {
  for (const strategy of ['cookie', 'redis', 'redis-aof']) {
    for (const fault of everyFault(strategy)) {
      expect(value(strategy, fault, 'acknowledgedLogins'), `${strategy}, ${fault}`).toBeGreaterThan(0)
      // Of what was written in the last moment before a SIGKILL, neither store promises everything.
      if (fault === 'store-crash') continue
      expect(value(strategy, fault, 'acknowledgedLoginsLost'), `${strategy}, ${fault}`).toBe(0)
    }
  }
  // What no save point was reached for dies with the store, as what is in the memory of replicas dies with them.
  expect(value('redis', 'store-crash', 'acknowledgedLoginsLost')).toBeGreaterThan(0)
  expect(value('memory', 'restart-all', 'acknowledgedLoginsLost')).toBeGreaterThan(0)
})

test('active and idle users are half each', () => {
  for (const half of ['survivedActiveShare', 'survivedIdleShare']) {
    expect(found.find('cookie', 'crash', half).note).toContain(`${users / 2} of ${users / 2} logins`)
  }
})

test('the only experiment of a run has no company', () => {
  for (const { beside } of found.record.trials) expect(beside).toEqual([])
})

test('a strategy without a store is asked about no fault of a store', () => {
  const asked = new Set(
    found.all
      .filter((row) => row.strategy === 'cookie' && row.metric !== 'trialFailed')
      .map((row) => row.case),
  )
  expect([...asked].sort()).toEqual(
    faults
      .filter(({ target }) => target === 'replicas')
      .map(({ name }) => name)
      .sort(),
  )
})

test('a replica that goes costs hardly a request: the others answer for it', () => {
  for (const strategy of ['cookie', 'redis', 'redis-aof']) {
    for (const fault of ['rolling-restart', 'crash']) {
      const [ok, loggedOut, failed] = ['okRequests', 'loggedOutRequests', 'failedRequests'].map((metric) =>
        value(strategy, fault, metric),
      ) as [number, number, number]
      expect(ok, `${strategy}, ${fault}`).toBeGreaterThan(0)
      expect(loggedOut, `${strategy}, ${fault}`).toBe(0)
      expect(failed / (ok + failed), `${strategy}, ${fault}: ${failed} failed`).toBeLessThan(0.05)
    }
  }
})

test('when all replicas are gone at once, nobody is answered for a while, and then everybody again', () => {
  expect(value('cookie', 'restart-all', 'failedRequests')).toBeGreaterThan(0)
  expect(value('cookie', 'restart-all', 'outageMs')).toBeGreaterThan(value('cookie', 'crash', 'outageMs')!)
  expect(value('cookie', 'restart-all', 'recoveryMs')).toBeGreaterThan(0)
})
