/** Holds the pacer to its promises with a clock that goes only where the test moves it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dueAtMs, dueCount, pace } from './pacer.ts'

test.each([
  [-0.001, 100, 0],
  [0, 100, 1],
  [9.999, 100, 1],
  [10, 100, 2],
  [1000, 100, 101],
  [999.9, 1, 1],
  [1000, 1, 2],
  [1, 3000, 4],
  [2500, 0.4, 2],
])('after %d ms at %d/s, %d requests are due', (elapsedMs, rate, expected) => {
  expect(dueCount(elapsedMs, rate)).toBe(expected)
})

const rates = fc.double({ min: 0.1, max: 20_000, noNaN: true })

test('each request is due at its own due time, and the next one is not', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), rates, (index, rate) => {
      expect(dueCount(dueAtMs(index, rate), rate)).toBe(index + 1)
    }),
  )
})

interface Sent {
  readonly index: number
  readonly intendedAtMs: number
  readonly atMs: number
}

/** Paces until the clock reaches `durationMs` after its start; each wait lasts longer than asked for by the next of `stallsMs`. */
async function paceWith(rate: number, startMs: number, durationMs: number, stallsMs: readonly number[]) {
  const end = new AbortController()
  const sent: Sent[] = []
  let nowMs = startMs
  let waits = 0
  let behind = 0
  const count = await pace(
    {
      ratePerSecond: rate,
      until: end.signal,
      now: () => nowMs,
      wait: async (ms) => {
        if (sent.length !== dueCount(nowMs - startMs, rate)) behind += 1
        // Never quite nothing: a clock that stands still would be one that no machine has.
        nowMs += Math.max(ms, 1e-3) + (stallsMs[waits % stallsMs.length] ?? 0)
        waits += 1
        if (nowMs >= startMs + durationMs) end.abort()
      },
    },
    (index, intendedAtMs) => sent.push({ index, intendedAtMs, atMs: nowMs }),
  )
  return { count, sent, behind }
}

const stalls = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 500, noNaN: true })), {
  minLength: 1,
  maxLength: 20,
})
const startTimes = fc.double({ min: 0, max: 1e7, noNaN: true })

test('no request is ever sent early, none is left out and none is sent twice, however the generator stalls', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0.5, max: 2_000, noNaN: true }),
      startTimes,
      stalls,
      async (rate, startMs, stallsMs) => {
        const { count, sent, behind } = await paceWith(rate, startMs, 2_000, stallsMs)
        expect(behind, 'times it waited although something was due').toBe(0)
        expect(count).toBe(sent.length)
        // Compared by hand: a run sends thousands, and `expect` takes its time.
        const wrong = sent.find(
          ({ index, intendedAtMs, atMs }, at) =>
            index !== at ||
            Math.abs(intendedAtMs - (startMs + (at * 1000) / rate)) > 1e-6 ||
            atMs < intendedAtMs - 1e-5,
        )
        expect(wrong).toBeUndefined()
      },
    ),
    { numRuns: 200 },
  )
})

test('a generator that keeps up sends each request at the moment it is due', async () => {
  const { sent } = await paceWith(100, 50, 1_000, [0])
  expect(sent).toHaveLength(100)
  for (const { intendedAtMs, atMs } of sent) expect(atMs).toBeCloseTo(intendedAtMs, 6)
})

test('after a stall everything that fell due is sent at once, with the starts that were intended', async () => {
  const { sent } = await paceWith(100, 0, 1_000, [0, 0, 400, ...Array(100).fill(0)])
  const late = sent.filter(({ atMs, intendedAtMs }) => atMs - intendedAtMs > 1)
  expect(late.map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, at) => at + 3))
  expect(new Set(late.map(({ atMs }) => atMs)).size).toBe(1)
  expect(sent).toHaveLength(100)
})

test('nothing is sent once the end has come, not even what was due before', async () => {
  const end = new AbortController()
  let nowMs = 0
  const count = await pace(
    {
      ratePerSecond: 1_000,
      until: end.signal,
      now: () => nowMs,
      wait: async () => {
        nowMs += 100
      },
    },
    (index) => {
      if (index === 10) end.abort()
    },
  )
  expect(count).toBe(11)
  expect(await pace({ ratePerSecond: 1_000, until: AbortSignal.abort() }, () => {})).toBe(0)
})

test('paces in real time as well', async () => {
  const end = new AbortController()
  const lags: number[] = []
  await pace({ ratePerSecond: 2_000, until: end.signal }, (index, intendedAtMs) => {
    lags.push(performance.now() - intendedAtMs)
    if (index === 99) end.abort()
  })
  expect(lags).toHaveLength(100)
  expect(Math.min(...lags)).toBeGreaterThan(-1e-3)
})
