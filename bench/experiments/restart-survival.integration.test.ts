/** Holds restart-survival on real clusters to what follows from where each strategy keeps the login. */
import { beforeAll, expect, test } from 'vitest'
import { faults } from '../cluster/faults.ts'
import { type Findings, runLocally } from '../testing/local-run.ts'
import { restartSurvival } from './restart-survival.ts'

const users = 12
let found: Findings
beforeAll(async () => {
  found = await runLocally({ experiment: restartSurvival, replicas: 3, users })
}, 180_000)

const value = (strategy: string, fault: string, metric = 'survivedShare') =>
  found.find(strategy, fault, metric).value

test.each<[strategy: string, survived: Record<string, number>]>([
  ['memory', { 'rolling-restart': 0, crash: 0, 'restart-all': 0 }],
  // Logins were dealt out evenly, and one replica of three was killed.
  ['memory-sticky', { 'rolling-restart': 0, crash: 2 / 3, 'restart-all': 0 }],
  ['cookie', { 'rolling-restart': 1, crash: 1, 'restart-all': 1 }],
  ['redis', { 'rolling-restart': 1, crash: 1, 'restart-all': 1, 'store-restart': 1, 'store-crash': 0 }],
  ['redis-aof', { 'rolling-restart': 1, crash: 1, 'restart-all': 1, 'store-restart': 1, 'store-crash': 1 }],
])('%s keeps the logins it can keep', (strategy, survived) => {
  const cases = found.all
    .filter((row) => row.strategy === strategy && row.metric === 'survivedShare')
    .map((row) => [row.case, row.value])
  expect(Object.fromEntries(cases)).toEqual(survived)
})

test('active and idle users are half each', () => {
  for (const half of ['survivedActiveShare', 'survivedIdleShare']) {
    expect(found.find('cookie', 'crash', half).note).toBe(`${users / 2} of ${users / 2} logins`)
  }
})

test('a strategy without a store is asked about no fault of a store', () => {
  const asked = new Set(found.all.filter((row) => row.strategy === 'cookie').map((row) => row.case))
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
