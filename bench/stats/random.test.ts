/** The generator repeats itself by seed and is even enough for shuffles and simulated noise. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from './random.ts'

describe('seededRandom', () => {
  test('gives the same numbers for the same seed, others for its neighbour', () => {
    const take = (seed: number) => Array.from({ length: 5 }, seededRandom(seed).next)
    expect(take(42)).toEqual(take(42))
    expect(take(42)).not.toEqual(take(43))
    expect(take(1)).not.toEqual(take(1 + 2 ** 32))
  })

  test('spreads next() evenly over [0, 1)', () => {
    const { next } = seededRandom(1)
    const counts = new Array<number>(20).fill(0)
    for (let i = 0; i < 20_000; i++) {
      const cell = Math.floor(next() * 20)
      counts[cell] = (counts[cell] as number) + 1
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    expect(chiSquare).toBeLessThan(43.8) // the 0.999 quantile for 19 degrees of freedom
  })

  test('int(n) stays within 0 … n − 1 and reaches both ends', () => {
    const random = seededRandom(3)
    const seen = new Set(Array.from({ length: 200 }, () => random.int(4)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3])
  })

  test('shuffle returns a permutation and leaves its argument alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (values, seed) => {
        const before = [...values]
        const shuffled = seededRandom(seed).shuffle(values)
        expect(values).toEqual(before)
        expect(shuffled.toSorted()).toEqual(values.toSorted())
      }),
    )
  })

  test('shuffle finds every order about equally often', () => {
    const random = seededRandom(5)
    const counts = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle(['a', 'b', 'c']).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120)
  })

  test('refuses what it cannot use', () => {
    expect(() => seededRandom(0.5)).toThrow(RangeError)
    expect(() => seededRandom(Number.NaN)).toThrow(RangeError)
    expect(() => seededRandom(1).int(0)).toThrow(RangeError)
  })
})
