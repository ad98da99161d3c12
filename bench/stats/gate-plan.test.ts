/** The plan: error rates are never exceeded, and what cannot carry its level is refused. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leastPairs, planGate, TooFewPairsError } from './gate-plan.ts'

const named = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `metric ${i}` }))

describe('planGate', () => {
  test('spends at most alpha / metrics and beta, at rising looks, whatever is asked for', () => {
    const metricCount = fc.integer({ min: 1, max: 30 })
    const rate = fc.double({ min: 0.001, max: 0.2, noNaN: true })
    fc.assert(
      fc.property(
        metricCount,
        rate,
        rate,
        fc.integer({ min: 20, max: 60 }),
        (count, alpha, beta, maxPairs) => {
          const { looks } = planGate({ metrics: named(count), maxPairs, alpha, beta })
          const last = looks.at(-1)
          expect(last?.pairs).toBe(maxPairs)
          expect((last?.worse.spent.student ?? 1) + (last?.worse.spent.signedRank ?? 1)).toBeLessThanOrEqual(
            (alpha / count) * (1 + 1e-12),
          )
          expect((last?.fine.spent.student ?? 1) + (last?.fine.spent.signedRank ?? 1)).toBeLessThanOrEqual(
            beta * (1 + 1e-12),
          )
          looks.forEach((look, i) => {
            expect(look.pairs).toBeGreaterThan(looks[i - 1]?.pairs ?? 0)
            expect(look.worse.t).toBeGreaterThan(0)
          })
        },
      ),
      { numRuns: 25 },
    )
  })

  test('looks every 2 pairs up to 12, then every 4, and at the last', () => {
    const { looks } = planGate({ metrics: named(6), maxPairs: 30 })
    expect(looks.map((look) => look.pairs)).toEqual([6, 8, 10, 12, 16, 20, 24, 28, 30])
  })

  test('lets the exact bound speak at the latest look of the shortest plan, and not one pair earlier', () => {
    for (const count of [1, 4, 6, 30]) {
      const least = leastPairs(count, 0.01)
      const plan = planGate({ metrics: named(count), maxPairs: least })
      expect(plan.looks.at(-1)?.worse.rank).not.toBeNull()
      expect(() => planGate({ metrics: named(count), maxPairs: least - 1 })).toThrow(TooFewPairsError)
    }
  })

  test('says what it would need', () => {
    expect(leastPairs(6, 0.01)).toBe(11)
    expect(leastPairs(1, 0.4)).toBe(6)
    expect(() => planGate({ metrics: named(6), maxPairs: 5 })).toThrow(
      /5 pairs are too few for 6 metrics.*11/,
    )
  })

  test.each([
    ['tolerance 0', { metrics: [{ name: 'cpu', tolerance: 0 }], maxPairs: 20 }],
    ['tolerance NaN', { metrics: [{ name: 'cpu', tolerance: Number.NaN }], maxPairs: 20 }],
    ['no metric', { metrics: [], maxPairs: 20 }],
    ['a name twice', { metrics: [{ name: 'cpu' }, { name: 'cpu' }], maxPairs: 20 }],
    ['alpha in per cent', { metrics: named(1), maxPairs: 20, alpha: 1 }],
    ['half a pair', { metrics: named(1), maxPairs: 20.5 }],
  ])('refuses %s', (_, options) => {
    expect(() => planGate(options)).toThrow(RangeError)
  })
})
