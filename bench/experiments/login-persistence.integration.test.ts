/** Holds login-persistence on real clusters to the counts that follow from where each strategy keeps the login. */
import { beforeAll, expect, test } from 'vitest'
import { type Findings, runLocally } from '../testing/local-run.ts'
import { loginPersistence } from './login-persistence.ts'

const counts = [1, 2, 3]
const kept = ['memory-sticky', 'cookie', 'redis', 'redis-aof']

let found: Findings
beforeAll(async () => {
  found = await runLocally({ experiment: loginPersistence, replicas: 3, users: 6 })
}, 120_000)

const value = (strategy: string, replicas: number, metric: string) =>
  found.find(strategy, String(replicas), metric).value

test.each(counts)('memory knows its users on exactly 1 of %d replicas', (replicas) => {
  expect(value('memory', replicas, 'recognisedShare')).toBe(1 / replicas)
  expect(found.find('memory', String(replicas), 'recognisedShare').verdict).toBe(
    replicas === 1 ? 'pass' : 'fail',
  )
})

test.each([2, 3])('memory on %d replicas is found logged out within the first pages', (replicas) => {
  expect(value('memory', replicas, 'firstLoggedOutPage')).toBeGreaterThanOrEqual(1)
  expect(value('memory', replicas, 'firstLoggedOutPage')).toBeLessThanOrEqual(2)
})

test.each(kept.flatMap((name) => counts.map((replicas) => [name, replicas] as const)))(
  '%s on %d replicas knows its users on every page',
  (name, replicas) => {
    expect(value(name, replicas, 'recognisedShare')).toBe(1)
    expect(found.find(name, String(replicas), 'firstLoggedOutPage')).toMatchObject({
      value: null,
      verdict: 'pass',
    })
  },
)

test('only memory loses logins for good when a visit writes, and only on several replicas', () => {
  for (const replicas of counts) {
    for (const name of kept) expect(value(name, replicas, 'lostForGoodShare'), name).toBe(0)
  }
  expect(value('memory', 1, 'lostForGoodShare')).toBe(0)
  expect(value('memory', 3, 'lostForGoodShare')).toBeGreaterThan(0)
})

test('logging out logs out where the login is one thing in one place, and never with a cookie', () => {
  for (const replicas of counts) {
    for (const name of ['memory-sticky', 'redis', 'redis-aof']) {
      expect(value(name, replicas, 'logoutEffectiveShare'), name).toBe(1)
    }
    expect(value('cookie', replicas, 'logoutEffectiveShare')).toBe(0)
  }
  expect(value('memory', 1, 'logoutEffectiveShare')).toBe(1)
})

test('the record of the run says what it was made with', () => {
  expect(found.record).toMatchObject({ status: 'complete', driver: 'local', replicas: 3, users: 6, seed: 1 })
  expect(found.record.trials).toHaveLength(5)
  expect(found.record.trials.every(({ status }) => status === 'done')).toBe(true)
  for (const name of ['node', 'nginx', 'redis-server', 'express', 'express-session']) {
    expect(found.record.versions[name], name).toMatch(/^\d+\.\d+/)
  }
  expect(found.record.timing.measuringMs).toBeGreaterThan(0)
  expect(found.record.timing.measuringMs).toBeLessThan(found.record.timing.wallMs)
})
