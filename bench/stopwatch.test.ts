/** Holds the stopwatch to counting overlaps once, on a clock that the test moves. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openStopwatch } from './stopwatch.ts'

function clocked() {
  let nowMs = 1_000
  const watch = openStopwatch(() => nowMs)
  const begin = () => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const running = watch.during(() => promise)
    return {
      end() {
        resolve('its result')
        return running
      },
      fail() {
        reject(new Error('it failed'))
        return running
      },
    }
  }
  return {
    watch,
    begin,
    pass(ms: number) {
      nowMs += ms
    },
  }
}

test('only the time of activities counts, overlaps once', async () => {
  const { watch, begin, pass } = clocked()
  pass(50)
  expect(watch.elapsedMs).toBe(0)
  const first = begin()
  pass(10)
  const second = begin()
  pass(5)
  expect(watch.elapsedMs).toBe(15)
  expect(await first.end()).toBe('its result')
  pass(20)
  await second.end()
  pass(100)
  expect(watch.elapsedMs).toBe(35)
  const third = begin()
  pass(1)
  await third.end()
  expect(watch.elapsedMs).toBe(36)
})

test('an activity that fails has ended as well, and its error goes on', async () => {
  const { watch, begin, pass } = clocked()
  const failing = begin()
  pass(7)
  await expect(failing.fail()).rejects.toThrow('it failed')
  pass(100)
  expect(watch.elapsedMs).toBe(7)
})

test('for any overlaps the sum is the length of their union', async () => {
  const step = fc.record({ begins: fc.boolean(), ms: fc.nat(100) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { watch, begin, pass } = clocked()
      const open: ReturnType<typeof begin>[] = []
      let covered = 0
      for (const { begins, ms } of steps) {
        if (begins) open.push(begin())
        else await open.shift()?.end()
        pass(ms)
        if (open.length > 0) covered += ms
      }
      expect(watch.elapsedMs).toBe(covered)
      await Promise.all(open.map(({ end }) => end()))
    }),
  )
})
