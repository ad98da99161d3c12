/** Pairs are told apart when they differ, and all pairs together not more often by chance than promised. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { meanInterval } from './interval.ts'
import { comparePairs, type PairComparison } from './pairwise.ts'
import { orderOf } from './pairwise-order.ts'
import { METHODS, SPREADS, simulateComparisons } from './pairwise-simulation.ts'
import { proportionInterval } from './proportion.ts'
import { seededRandom } from './random.ts'
import { normal } from './simulation.ts'

const logs = (...ratios: number[]) => ratios.map(Math.log)
const pair = (comparisons: readonly PairComparison[], first: string, second: string) =>
  comparisons.find((one) => one.first === first && one.second === second) as PairComparison

/** Two to six strategies in two to six trials, nothing missing. */
const layouts = fc
  .tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 6 }), fc.integer())
  .map(([strategies, trials, seed]) => {
    const random = seededRandom(seed)
    const centre = () => 0.3 * normal(random)
    return Object.fromEntries(
      Array.from({ length: strategies }, (_, i) => {
        const middle = centre()
        return [`s${i}`, Array.from({ length: trials }, () => middle + 0.04 * normal(random))]
      }),
    )
  })

describe('comparePairs', () => {
  test("is Student's paired interval for two strategies", () => {
    const first = [0.7, -1.6, -0.2, -1.2, -0.1]
    const second = [1.9, 0.8, 1.1, 0.1, -0.1]
    const expected = meanInterval(
      first.map((value, i) => value - (second[i] as number)),
      0.95,
    )
    const [only] = comparePairs({ first, second }, 0.95) as [PairComparison]
    expect(Math.log(only.ratio as number)).toBeCloseTo(expected.estimate, 10)
    expect(Math.log(only.low as number)).toBeCloseTo(expected.low as number, 4)
    expect(Math.log(only.high as number)).toBeCloseTo(expected.high as number, 4)
  })

  test('tells apart what differs by more than the trials do, and nothing else', () => {
    const comparisons = comparePairs(
      {
        memory: logs(0.56, 0.57, 0.58, 0.57),
        cookie: logs(0.35, 0.36, 0.35, 0.37),
        redis: logs(0.36, 0.35, 0.36, 0.36),
      },
      0.95,
    )
    expect(comparisons.map(({ first, second, told }) => [first, second, told])).toEqual([
      ['memory', 'cookie', true],
      ['memory', 'redis', true],
      ['cookie', 'redis', false],
    ])
    expect(pair(comparisons, 'memory', 'redis').low).toBeGreaterThan(1.4)
  })

  test('takes no notice of what fell on a whole trial, the control included', () => {
    fc.assert(
      fc.property(layouts, fc.integer(), (layout, seed) => {
        const random = seededRandom(seed)
        const drift = Array.from({ length: 6 }, () => normal(random))
        const drifting = Object.fromEntries(
          Object.entries(layout).map(([name, values]) => [
            name,
            values.map((value, i) => value + (drift[i] as number)),
          ]),
        )
        const moved = comparePairs(drifting, 0.95)
        comparePairs(layout, 0.95).forEach(({ ratio, low, high }, i) => {
          expect((moved[i]?.ratio as number) / (ratio as number)).toBeCloseTo(1, 8)
          expect((moved[i]?.low as number) / (low as number)).toBeCloseTo(1, 6)
          expect((moved[i]?.high as number) / (high as number)).toBeCloseTo(1, 6)
        })
      }),
    )
  })

  test('turns over with the order of names, holds its estimate, and tells only what leaves 1 out', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        const turned = comparePairs(Object.fromEntries(Object.entries(layout).reverse()), 0.95)
        for (const one of comparePairs(layout, 0.95)) {
          expect(one.low).toBeLessThanOrEqual(one.ratio as number)
          expect(one.high).toBeGreaterThanOrEqual(one.ratio as number)
          expect(one.told).toBe((one.low as number) > 1 || (one.high as number) < 1)
          const other = pair(turned, one.second, one.first)
          expect((one.low as number) * (other.high as number)).toBeCloseTo(1, 8)
        }
      }),
    )
  })

  test('a trial that is missing is left out of the pairs concerned alone', () => {
    const comparisons = comparePairs(
      {
        a: [0.1, 0.2, 0.3],
        b: [0, null, 0.2],
        c: [0.1, 0.1, 0.1],
        d: [null, 0, null],
        e: [null, null, null],
      },
      0.95,
    )
    const summary = (first: string, second: string) => pair(comparisons, first, second)
    expect(summary('a', 'c')).toMatchObject({ trials: 3 })
    expect(summary('a', 'b')).toMatchObject({ trials: 2 })
    expect(Math.log(summary('a', 'b').ratio as number)).toBeCloseTo(0.1, 12)
    expect(summary('a', 'b').low).not.toBeNull()
    expect(summary('a', 'd')).toMatchObject({ trials: 1, low: null, high: null, told: false })
    expect(Math.log(summary('a', 'd').ratio as number)).toBeCloseTo(0.2, 12)
    expect(summary('b', 'd')).toMatchObject({ trials: 0, ratio: null, told: false })
    expect(summary('a', 'e')).toMatchObject({ trials: 0, ratio: null, told: false })
  })

  test('exact repetition is told apart however small, and is no division by zero', () => {
    const exact = comparePairs({ a: [0.5, 0.5], b: [0.25, 0.25], c: [0.25, 0.25] }, 0.95)
    expect(exact.map(({ told }) => told)).toEqual([true, true, false])
    expect(pair(exact, 'b', 'c')).toMatchObject({ ratio: 1, low: 1, high: 1 })
  })

  test('refuses uneven trials, NaN and 95 for 95 %', () => {
    expect(() => comparePairs({ a: [1, 2], b: [1] }, 0.95)).toThrow(RangeError)
    expect(() => comparePairs({ a: [1, Number.NaN], b: [1, 2] }, 0.95)).toThrow(RangeError)
    expect(() => comparePairs({ a: [1], b: [1] }, 95)).toThrow(RangeError)
  })

  test('one strategy, or none, makes no pair', () => {
    expect(comparePairs({}, 0.95)).toEqual([])
    expect(comparePairs({ a: [1, 2] }, 0.95)).toEqual([])
  })

  describe.each(Object.entries(SPREADS))('with noise of %s', (_, spreads) => {
    test.each([
      [3, 5],
      [4, 5],
      [8, 5],
      [3, 6],
      [4, 6],
      [8, 6],
    ])('%d trials of %d strategies err in at most 5 %% of runs', (trials, strategies) => {
      const runs = 400
      const random = seededRandom(3)
      const { erred } = simulateComparisons(METHODS.comparePairs, spreads(strategies), trials, runs, random)
      // So few runs may by chance come out above what is promised, but not surely above.
      expect(proportionInterval(erred, runs, 0.95).low).toBeLessThan(0.05)
    })
  })

  test('would err in more with the spread pooled alone, were one strategy noisier than the others', () => {
    const spreads = [3, 1, 1, 1, 1, 1]
    const { erred } = simulateComparisons(METHODS.Tukey, spreads, 4, 400, seededRandom(3))
    expect(proportionInterval(erred, 400, 0.95).low).toBeGreaterThan(0.05)
  })

  test('errs in at most 5 % of runs also where trials are missing', () => {
    const random = seededRandom(4)
    const runs = 400
    let erred = 0
    for (let run = 0; run < runs; run++) {
      const layout = Object.fromEntries(
        ['a', 'b', 'c', 'd', 'e'].map((name, i) => [
          name,
          Array.from({ length: 5 }, (_, trial) =>
            trial === i || random.next() < 0.1 ? null : normal(random),
          ),
        ]),
      )
      if (comparePairs(layout, 0.95).some(({ told }) => told)) erred++
    }
    expect(proportionInterval(erred, runs, 0.95).low).toBeLessThan(0.05)
  })
})

describe('orderOf', () => {
  const told = (first: string, second: string, ratio: number): PairComparison => ({
    ...{ first, second, trials: 4, ratio },
    ...{ low: ratio * 0.99, high: ratio * 1.01, told: true },
  })
  const alike = (first: string, second: string): PairComparison => ({
    ...{ first, second, trials: 4, ratio: 1.01, low: 0.9, high: 1.1, told: false },
  })
  const comparisons = [
    told('memory', 'cookie', 0.6),
    told('memory', 'redis', 0.5),
    told('memory', 'aof', 0.45),
    alike('cookie', 'redis'),
    told('cookie', 'aof', 0.8),
    alike('redis', 'aof'),
  ]

  test('says who is better, who cannot be told apart, and leaves out of the steps what follows', () => {
    const order = orderOf(comparisons, 'higher')
    const names = (proven: typeof order.proven) => proven.map(({ better, worse }) => [better, worse])
    expect(order.best).toEqual(['memory'])
    expect(names(order.proven)).toEqual([
      ['memory', 'cookie'],
      ['memory', 'redis'],
      ['memory', 'aof'],
      ['cookie', 'aof'],
    ])
    expect(names(order.steps)).toEqual([
      ['memory', 'cookie'],
      ['memory', 'redis'],
      ['cookie', 'aof'],
    ])
    expect(order.untold).toEqual([
      ['cookie', 'redis'],
      ['redis', 'aof'],
    ])
    expect(order.alike).toEqual([
      ['cookie', 'redis'],
      ['redis', 'aof'],
    ])
  })

  test('turns over when more is better', () => {
    const turned = orderOf(comparisons, 'lower')
    expect(turned.best).toEqual(['redis', 'aof'])
    expect(turned.proven[0]).toMatchObject({ better: 'cookie', worse: 'memory' })
  })

  test('puts all that nothing tells apart into one set, and says nothing of nobody', () => {
    const all = orderOf([alike('a', 'b'), alike('a', 'c'), alike('b', 'c')], 'higher')
    expect(all).toMatchObject({ proven: [], steps: [], alike: [['a', 'b', 'c']], best: ['a', 'b', 'c'] })
    expect(orderOf([], 'higher')).toEqual({ proven: [], steps: [], untold: [], alike: [], best: [] })
  })

  test('is a partial order wherever no trial is missing, and its sets hold just the pairs not told apart', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        const { proven, untold, alike: sets, best } = orderOf(comparePairs(layout, 0.95), 'higher')
        const isBetter = (a: string, b: string) =>
          proven.some(({ better, worse }) => better === a && worse === b)
        for (const { better, worse } of proven) {
          expect(isBetter(worse, better)).toBe(false)
          for (const then of proven)
            if (then.better === worse) expect(isBetter(better, then.worse)).toBe(true)
        }
        expect(best.length).toBeGreaterThan(0)
        const names = Object.keys(layout)
        for (const [i, a] of names.entries())
          for (const b of names.slice(i + 1)) {
            const isUntold = untold.some(([first, second]) => first === a && second === b)
            expect(isUntold).toBe(!isBetter(a, b) && !isBetter(b, a))
            expect(sets.some((set) => set.includes(a) && set.includes(b))).toBe(isUntold)
          }
      }),
    )
  })
})
