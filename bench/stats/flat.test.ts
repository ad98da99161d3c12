/** Rest is told from a fall, on what was measured while replicas warmed up and on simulated noise. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { flatness } from './flat.ts'
import { seededRandom } from './random.ts'

/** Main-thread µs per request of one warming replica, the end held. */
const FALL = [300, 200, 150, 120, 100, 90, 85, 80, 78, 78, 78, 78, 78, 78]

/** µs per GET /me after so many requests, measured on one memory replica asked directly. */
const MEASURED: readonly [requests: number, micros: number][] = [
  [500, 325],
  [2000, 175],
  [6000, 130],
  [10_000, 112],
  [20_000, 82],
  [50_000, 77],
  [200_000, 77],
]

/** What was measured, interpolated along the logarithm of the requests. */
function measured(requests: number): number {
  const next = MEASURED.findIndex(([at]) => at >= requests)
  const [above, low] = MEASURED[Math.max(1, next)] as [number, number]
  const [below, high] = MEASURED[Math.max(1, next) - 1] as [number, number]
  const way = Math.log(requests / below) / Math.log(above / below)
  return high + (low - high) * way
}

const still = (costs: readonly number[]) => costs.map(() => 0)
/** The number of chunks after which a series is flat for the first time. */
function firstFlat(logRatios: readonly number[], costs: readonly number[]): number {
  const ends = costs.map((_, i) => i + 1)
  return ends.find((end) => flatness(logRatios.slice(0, end), costs.slice(0, end)).flat) ?? Infinity
}

describe('flatness', () => {
  test('does not call a fall flat before it has come within 5 % of its end, but soon after', () => {
    const control = FALL.map(() => 60)
    const logRatios = FALL.map((cost, i) => Math.log(cost / (control[i] as number)))
    expect(FALL[firstFlat(logRatios, FALL) - 1]).toBeLessThanOrEqual(78 * 1.05)
    expect(firstFlat(logRatios, FALL)).toBeLessThanOrEqual(12)
  })

  test('sees cluster and control fall together, though their ratio stands still', () => {
    expect(FALL[firstFlat(still(FALL), FALL) - 1]).toBeLessThanOrEqual(78 * 1.05)
  })

  test('waits for a control that is still getting warmer', () => {
    const costs = FALL.map(() => 80)
    const logRatios = FALL.map((control) => Math.log(80 / control))
    expect(flatness(logRatios.slice(0, 8), costs.slice(0, 8)).flat).toBe(false)
    expect(flatness(logRatios.slice(0, 8), costs.slice(0, 8)).change).toBeGreaterThan(0.05)
  })

  test.each([250, 500, 1000, 2500, 5000])(
    'calls what was measured flat near its end, in chunks of %d requests',
    (chunk) => {
      const costs = Array.from({ length: 200_000 / chunk }, (_, i) => measured((i + 0.5) * chunk))
      const requests = firstFlat(costs.map(Math.log), costs) * chunk
      expect(measured(requests)).toBeLessThanOrEqual(77 * 1.07)
      expect(requests).toBeLessThanOrEqual(50_000)
    },
  )

  test('has come within 15 % of the end of any hyperbola, the slowest of falls, however small the chunks', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 40, noNaN: true }),
        fc.double({ min: 1, max: 2, noNaN: true }),
        (chunksCold, steepness) => {
          const costs = Array.from({ length: 600 }, (_, i) => 1 + (chunksCold / (i + 0.5)) ** steepness)
          const end = firstFlat(costs.map(Math.log), costs)
          expect(end).toBeLessThan(600)
          expect(costs[end - 1]).toBeLessThan(1.15)
        },
      ),
      { numRuns: 50 },
    )
  })

  test.each([6, 10, 20, 40])('is flat in most of 1,000 constant series of %d chunks with ±5 % noise', (n) => {
    const random = seededRandom(n)
    const noisy = () => 1 + 0.05 * (2 * random.next() - 1)
    let flat = 0
    for (let series = 0; series < 1000; series++) {
      const costs = Array.from({ length: n }, () => 80 * noisy())
      const logRatios = costs.map((cost) => Math.log(cost / (60 * noisy())))
      if (flatness(logRatios, costs).flat) flat++
    }
    expect(flat).toBeGreaterThan(750)
  })

  test('with ±5 % noise, almost never ends a warm-up 15 % too early', () => {
    const random = seededRandom(1)
    const noisy = () => 1 + 0.05 * (2 * random.next() - 1)
    let early = 0
    for (let series = 0; series < 1000; series++) {
      const costs = FALL.map((cost) => cost * noisy())
      const logRatios = costs.map((cost) => Math.log(cost / (60 * noisy())))
      const end = firstFlat(logRatios, costs)
      if ((FALL[end - 1] ?? 0) > 78 * 1.15) early++
    }
    expect(early).toBeLessThanOrEqual(10)
  })

  test('one wild chunk neither hides a fall nor makes one', () => {
    const rest = [80, 80, 80, 80, 80, 80]
    expect(flatness(still(rest), [80, 80, 160, 80, 80, 80]).flat).toBe(true)
    expect(flatness(still(rest), [160, 150, 140, 130, 320, 120]).flat).toBe(false)
  })

  test('takes a machine that slows down for no cold code', () => {
    const rest = [80, 80, 80, 100, 105, 110]
    expect(flatness(still(rest), rest)).toEqual({ flat: true, change: 0 })
  })

  test('does not depend on the unit of costs nor on the ratio that it rests at', () => {
    const samples = fc.array(fc.double({ min: 50, max: 400, noNaN: true }), { minLength: 6, maxLength: 30 })
    fc.assert(
      fc.property(samples, fc.double({ min: 0.1, max: 10, noNaN: true }), (costs, factor) => {
        const here = flatness(costs.map(Math.log), costs)
        const there = flatness(
          costs.map((cost) => Math.log(cost * factor)),
          costs.map((cost) => cost * factor * factor),
        )
        expect(there.change).toBeCloseTo(here.change as number, 9)
      }),
    )
  })

  test('says nothing of fewer than six chunks, and refuses what does not fit', () => {
    expect(flatness([], [])).toEqual({ flat: false, change: null })
    expect(flatness([0, 0, 0, 0, 0], [1, 1, 1, 1, 1])).toEqual({ flat: false, change: null })
    expect(() => flatness([0], [1, 1])).toThrow(RangeError)
    expect(() => flatness([0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 1, 1])).toThrow(RangeError)
    expect(() => flatness([], [], 0)).toThrow(RangeError)
  })
})
