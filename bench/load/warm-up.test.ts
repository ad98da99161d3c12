/** Holds the warm-up to its rule with clusters that are made up: when it ends, and what it says of those that stay cold. */
import { expect, test } from 'vitest'
import { seededRandom } from '../stats/random.ts'
import { type WarmUpTarget, warmUp, warmUpRecord } from './warm-up.ts'

const limits = { chunk: 1_000, least: 8_000, most: 40_000 }
const never = new AbortController().signal

/** Answers 10 requests per millisecond; each costs what `cost` says of how many came before. */
function target(cost: (requests: number) => number, replicas = 1) {
  let seen = 0
  const made: WarmUpTarget & { requests(): number } = {
    replicas,
    async load(durationMs) {
      const requests = Math.round(durationMs * 10)
      const cpuMicros = requests * cost(seen / replicas)
      seen += requests
      return { requests, elapsedMs: durationMs, cpuMicros }
    },
    requests: () => seen,
  }
  return made
}

const flat = () => 50
/** As V8 warms up: much at first, at rest after some 10,000 requests. */
const falling = (requests: number) => 80 + 220 * Math.exp(-requests / 2_500)

test('goes on until the cost rests, and at least as long as asked', async () => {
  const targets = [target(flat), target(falling)]
  const [control, slow] = await warmUp(targets, limits, seededRandom(1), never)
  for (const record of [control!, slow!]) {
    expect(warmUpRecord.parse(record)).toEqual(record)
    expect(record.flat).toBe(true)
    expect(record.requestsPerReplica).toBeGreaterThanOrEqual(limits.least)
  }
  expect(slow!.costMicros.at(0)).toBeGreaterThan(200)
  expect(slow!.costMicros.at(-1)).toBeLessThan(90)
  expect(slow!.requestsPerReplica).toBeGreaterThan(limits.least)
})

test('counts requests per replica', async () => {
  const targets = [target(flat, 3), target(flat, 3)]
  const records = await warmUp(targets, limits, seededRandom(1), never)
  records.forEach((record, at) => {
    expect(record.requestsPerReplica).toBe(Math.round(targets[at]!.requests() / 3))
    expect(record.requestsPerReplica).toBeGreaterThanOrEqual(limits.least)
  })
})

test('gives up on what does not come to rest, and says how much it still moved', async () => {
  let cost = 1_000
  const restless = () => {
    cost *= 0.9
    return cost
  }
  const [control, other] = await warmUp([target(flat), target(restless)], limits, seededRandom(1), never)
  expect(control!.flat).toBe(true)
  expect(other).toMatchObject({ flat: false })
  expect(other!.requestsPerReplica).toBeGreaterThanOrEqual(limits.most)
  expect(other!.change).toBeLessThan(-0.2)
})

test('the control goes on as long as any other, since they are compared with it', async () => {
  const [control, slow] = await warmUp([target(flat), target(falling)], limits, seededRandom(1), never)
  expect(control!.costMicros.length).toBe(slow!.costMicros.length)
})

test('too short a warm-up tells nothing', async () => {
  const short = { chunk: 200, least: 200, most: 200 }
  const [control] = await warmUp([target(flat)], short, seededRandom(1), never)
  expect(control).toMatchObject({ flat: false, change: null })
})

test('a cluster that answers nothing is given up at once', async () => {
  const silent: WarmUpTarget = {
    replicas: 1,
    load: async (elapsedMs) => ({ requests: 0, elapsedMs, cpuMicros: 0 }),
  }
  const records = await warmUp([target(flat), silent], limits, seededRandom(1), never)
  expect(records[1]).toEqual({ requestsPerReplica: 0, costMicros: [1], flat: false, change: null })
})

test('ends when the signal says so', async () => {
  const controller = new AbortController()
  const aborting: WarmUpTarget = {
    replicas: 1,
    async load(elapsedMs) {
      controller.abort()
      return { requests: 1, elapsedMs, cpuMicros: 1 }
    },
  }
  await expect(warmUp([aborting], limits, seededRandom(1), controller.signal)).rejects.toThrow(/abort/)
})

test('where the system tells no CPU time, the time a request takes stands for it', async () => {
  const untold: WarmUpTarget = {
    replicas: 1,
    load: async (elapsedMs) => ({ requests: elapsedMs * 10, elapsedMs, cpuMicros: null }),
  }
  const [record] = await warmUp([untold], limits, seededRandom(1), never)
  expect(record!.costMicros.at(-1)).toBeCloseTo(100)
  expect(record!.flat).toBe(true)
})
