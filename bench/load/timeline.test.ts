/** Holds the timeline to its records: nothing lost, nothing counted twice, and the longest gap the longest. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Outcome, outcomes } from './browser.ts'
import { sliceMs, TimelineRecorder, timeline, totals } from './timeline.ts'

const start = 5_000

function recorded(endMs: number, ...records: readonly (readonly [Outcome, number])[]) {
  const recorder = new TimelineRecorder(start)
  for (const [outcome, atMs] of records) recorder.record(outcome, start + atMs)
  return recorder.finish(start + endMs)
}

test('counts outcomes in slices', () => {
  const seen = recorded(
    400,
    ...([
      ['ok', 0],
      ['ok', 99.9],
      ['failed', 100],
      ['answered-as-another', 101],
    ] as const),
    ...([
      ['logged-out', 350],
      ['ok', 399],
    ] as const),
  )
  const none = { ok: 0, 'logged-out': 0, failed: 0, 'answered-as-another': 0 }
  expect(seen.slices).toEqual([
    { ...none, ok: 2 },
    { ...none, failed: 1, 'answered-as-another': 1 },
    none,
    { ...none, ok: 1, 'logged-out': 1 },
  ])
  expect(seen.longestWithoutOkMs).toBeCloseTo(299.1)
  expect(seen.endedWithoutOk).toBe(false)
  expect(seen.lastFailedMs).toBe(100)
})

test('without a single request the whole observation is one gap', () => {
  expect(recorded(700)).toEqual({
    sliceMs,
    slices: [],
    longestWithoutOkMs: 700,
    endedWithoutOk: true,
    lastFailedMs: null,
  })
})

test('the longest gap may be the one before the first ok, between two, or after the last', () => {
  expect(recorded(1_000, ['logged-out', 10], ['ok', 600])).toMatchObject({
    longestWithoutOkMs: 600,
    endedWithoutOk: false,
  })
  expect(recorded(1_000, ['ok', 100], ['ok', 800])).toMatchObject({
    longestWithoutOkMs: 700,
    endedWithoutOk: false,
  })
  expect(recorded(1_000, ['ok', 100], ['failed', 999])).toMatchObject({
    longestWithoutOkMs: 900,
    endedWithoutOk: true,
    lastFailedMs: 999,
  })
})

const records = fc
  .array(
    fc.record({
      outcome: fc.constantFrom<Outcome>(...outcomes),
      afterMs: fc.double({ min: 0, max: 400, noNaN: true }),
    }),
    { maxLength: 200 },
  )
  .map((steps) => {
    let at = start
    return steps.map(({ outcome, afterMs }) => {
      at += afterMs
      return { outcome, at }
    })
  })

test('the totals are the records, whatever they are', () => {
  fc.assert(
    fc.property(records, fc.double({ min: 0, max: 1_000, noNaN: true }), (all, tailMs) => {
      const recorder = new TimelineRecorder(start)
      for (const { outcome, at } of all) recorder.record(outcome, at)
      const end = (all.at(-1)?.at ?? start) + tailMs
      const seen = recorder.finish(end)

      expect(timeline.parse(seen)).toEqual(seen)
      const count = (wanted: Outcome) => all.filter(({ outcome }) => outcome === wanted).length
      expect(totals(seen.slices)).toEqual({
        ok: count('ok'),
        'logged-out': count('logged-out'),
        failed: count('failed'),
        'answered-as-another': count('answered-as-another'),
      })
      const oks = all.filter(({ outcome }) => outcome === 'ok').map(({ at }) => at)
      const edges = [start, ...oks, end]
      const longest = Math.max(...edges.slice(1).map((edge, index) => edge - (edges[index] as number)))
      expect(seen.longestWithoutOkMs).toBeCloseTo(longest, 6)
      const lastFailed = all.findLast(({ outcome }) => outcome === 'failed')
      expect(seen.lastFailedMs).toBe(lastFailed === undefined ? null : lastFailed.at - start)
    }),
  )
})

test('what was handed out does not change with later records', () => {
  const recorder = new TimelineRecorder(0)
  recorder.record('ok', 1)
  const before = recorder.finish(10)
  recorder.record('ok', 2)
  expect(totals(before.slices).ok).toBe(1)
})
