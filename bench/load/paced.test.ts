/** Holds the paced load to an open loop: requests overlap, and none is lost on the way out. */
import { expect, test } from 'vitest'
import { runPaced } from './paced.ts'

/** Ends after `count` requests. */
function pacing(count: number, ratePerSecond = 5_000) {
  const end = new AbortController()
  return {
    ratePerSecond,
    until: end.signal,
    stopAfter: (index: number) => index + 1 === count && end.abort(),
  }
}

test('requests start although none before them has been answered, and all are awaited', async () => {
  const { stopAfter, ...options } = pacing(20)
  const answers: (() => void)[] = []
  const ended: number[] = []
  const sent = await runPaced(
    options,
    (index) =>
      new Promise<number>((resolve) => {
        answers.push(() => resolve(index * 10))
        stopAfter(index)
        // Only when the last one is under way is the first answered, and the last one first.
        if (answers.length < 20) return
        setImmediate(() => {
          for (const answer of answers.toReversed()) answer()
        })
      }),
    ({ index, result }) => {
      expect(result).toBe(index * 10)
      ended.push(index)
    },
  )
  expect(sent).toBe(20)
  expect(ended).toEqual(Array.from({ length: 20 }, (_, at) => 19 - at))
})

test('latency counts from when a request was due, and the lag of its start is told apart', async () => {
  const { stopAfter, ...options } = pacing(3, 1_000)
  const lags: number[] = []
  const latencies: number[] = []
  await runPaced(
    options,
    async (index) => {
      if (index === 0) for (const until = performance.now() + 20; performance.now() < until; ); // a stall
      stopAfter(index)
    },
    ({ intendedAtMs, endedAtMs }) => latencies.push(endedAtMs - intendedAtMs),
    (lagMs) => lags.push(lagMs),
  )
  expect(lags).toHaveLength(3)
  expect(lags[1]).toBeGreaterThan(18)
  expect(latencies[1]).toBeGreaterThan(18)
})

test('the first error is thrown, after everything that was under way has ended', async () => {
  const { stopAfter, ...options } = pacing(4)
  const ended: number[] = []
  const { promise: last, resolve: endLast } = Promise.withResolvers<void>()
  const running = runPaced(
    options,
    async (index) => {
      stopAfter(index)
      if (index === 1) throw new Error('the first')
      if (index === 2) throw new Error('the second')
      if (index === 3) queueMicrotask(() => setImmediate(endLast))
      await last
    },
    ({ index }) => ended.push(index),
  )
  await expect(running).rejects.toThrow('the first')
  expect(ended).toEqual([0, 3])
})

test('an error of the one who takes the results is thrown as well', async () => {
  const { stopAfter, ...options } = pacing(1)
  const running = runPaced(
    options,
    async (index) => stopAfter(index),
    () => {
      throw new Error('cannot take it')
    },
  )
  await expect(running).rejects.toThrow('cannot take it')
})
