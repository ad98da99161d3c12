import { expect, test } from 'vitest'
import { tryFaults } from './campaign.ts'
import { planFaults } from './plan.ts'
import type { Result } from './table.ts'

const plan = planFaults(['a', 'b'], 10, 1)
const held = (name: string, seed: number): Result => ({
  name,
  seed,
  outcome: 'held',
  what: '',
  wrong: [],
  said: '',
  tookMs: 0,
})
const limits = { jobs: 3, maxTimeMs: 1_000, now: () => 0 }
const { signal } = new AbortController()

test('all of a plan in its order, and no more at a time than there are jobs', async () => {
  const begun: number[] = []
  let running = 0
  let most = 0
  const results = await tryFaults(
    plan,
    limits,
    signal,
    async ({ name, seed }) => {
      begun.push(seed)
      running += 1
      most = Math.max(most, running)
      await Promise.resolve()
      running -= 1
      return held(name, seed)
    },
    () => {},
  )
  expect(begun).toEqual(plan.map(({ seed }) => seed))
  expect(results).toHaveLength(plan.length)
  expect(most).toBe(3)
})

test('when time is up no further one is begun', async () => {
  let now = 0
  const results = await tryFaults(
    plan,
    { jobs: 1, maxTimeMs: 25, now: () => now },
    signal,
    async ({ name, seed }) => {
      now += 10
      return held(name, seed)
    },
    () => {},
  )
  expect(results).toHaveLength(3)
})

test('interrupted, it keeps what it has', async () => {
  const interruption = new AbortController()
  const told: number[] = []
  const results = await tryFaults(
    plan,
    { ...limits, jobs: 1 },
    interruption.signal,
    async ({ name, seed }) => {
      if (told.length === 2) interruption.abort()
      interruption.signal.throwIfAborted()
      return held(name, seed)
    },
    (_, done) => told.push(done),
  )
  expect(results).toHaveLength(2)
  expect(told).toEqual([1, 2])
})

test('a defect of its own is thrown, and not taken for a result', async () => {
  const broken = tryFaults(
    plan,
    limits,
    signal,
    async () => {
      throw new TypeError('defect')
    },
    () => {},
  )
  await expect(broken).rejects.toThrow('defect')
})
