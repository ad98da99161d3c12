/** Intervals, against the results that R prints for Student's own sleep data and Newcombe's examples. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { geometricMeanInterval, meanInterval, ratioInterval } from './interval.ts'
import { proportionInterval } from './proportion.ts'
import { welchRatioInterval } from './welch.ts'

// Student (1908), Biometrika 6(1): extra hours of sleep of ten patients; `sleep` in R.
const drug1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2]
const drug2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
const ratios = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 2, maxLength: 12 })

describe('meanInterval', () => {
  test("agrees with R's paired t.test on the sleep data", () => {
    const { estimate, low, high } = meanInterval(
      drug2.map((value, i) => value - (drug1[i] as number)),
      0.95,
    )
    expect(estimate).toBeCloseTo(1.58, 10)
    expect(low).toBeCloseTo(0.7001142, 6)
    expect(high).toBeCloseTo(2.4598858, 6)
  })

  test('says nothing about the error of a single trial, and zero width for identical ones', () => {
    expect(meanInterval([5], 0.95)).toEqual({ estimate: 5, low: null, high: null })
    expect(meanInterval([5, 5, 5], 0.95)).toEqual({ estimate: 5, low: 5, high: 5 })
  })

  test('widens with the level and refuses 95 for 95 %', () => {
    const width = (level: number) => {
      const { low, high } = meanInterval(drug1, level)
      return (high as number) - (low as number)
    }
    expect(width(0.99)).toBeGreaterThan(width(0.9))
    expect(() => meanInterval(drug1, 95)).toThrow(RangeError)
  })
})

describe('ratioInterval', () => {
  test('does not change when both sides of a trial drift together', () => {
    const steady = ratioInterval([11, 12, 10.5], [10, 10, 10], 0.95)
    const drifting = ratioInterval([11, 24, 5.25], [10, 20, 5], 0.95)
    expect(drifting.estimate).toBeCloseTo(steady.estimate, 12)
    expect(drifting.low).toBeCloseTo(steady.low as number, 12)
    expect(drifting.high).toBeCloseTo(steady.high as number, 12)
  })

  test('holds its estimate, and turning the ratio over turns the interval over', () => {
    fc.assert(
      fc.property(ratios, (values) => {
        const ones = values.map(() => 1)
        const { estimate, low, high } = ratioInterval(values, ones, 0.95)
        expect(low).toBeLessThanOrEqual(estimate)
        expect(high).toBeGreaterThanOrEqual(estimate)
        const turned = ratioInterval(ones, values, 0.95)
        expect(Math.log(turned.estimate)).toBeCloseTo(-Math.log(estimate), 8)
        expect(Math.log(turned.low as number)).toBeCloseTo(-Math.log(high as number), 6)
      }),
    )
  })

  test('scales with its values', () => {
    const scaled = geometricMeanInterval([30, 36, 33], 0.9)
    const plain = geometricMeanInterval([10, 12, 11], 0.9)
    expect(scaled.low).toBeCloseTo(3 * (plain.low as number), 10)
    expect(scaled.high).toBeCloseTo(3 * (plain.high as number), 10)
  })

  test('refuses unpaired values and a ratio to nothing', () => {
    expect(() => ratioInterval([1, 2], [1], 0.95)).toThrow(RangeError)
    expect(() => ratioInterval([1, 2], [1, 0], 0.95)).toThrow(RangeError)
  })
})

describe('welchRatioInterval', () => {
  test("agrees with R's t.test on the sleep data, taken as logarithms", () => {
    const { estimate, low, high } = welchRatioInterval(drug1.map(Math.exp), drug2.map(Math.exp), 0.95)
    expect(Math.log(estimate)).toBeCloseTo(1.58, 10)
    expect(Math.log(low as number)).toBeCloseTo(-0.2054832, 6)
    expect(Math.log(high as number)).toBeCloseTo(3.3654832, 6)
  })

  test('takes exact repetition for what it is, and says nothing from one trial', () => {
    const exact = welchRatioInterval([100, 100], [130, 130, 130], 0.95)
    expect(exact.estimate).toBeCloseTo(1.3, 12)
    expect([exact.low, exact.high]).toEqual([exact.estimate, exact.estimate])
    expect(welchRatioInterval([100], [130, 131], 0.95)).toMatchObject({ low: null, high: null })
    expect(welchRatioInterval([100, 100], [130, 140], 0.95).low).toBeLessThan(1.3)
  })
})

describe('proportionInterval', () => {
  // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 1998, table I.
  test.each([
    [81, 263, 0.2527, 0.3676],
    [15, 148, 0.0578, 0.1617],
    [0, 20, 0, 0.1684],
    [1, 29, 0.0009, 0.1776],
  ])('of %d in %d agrees with Newcombe', (successes, cases, low, high) => {
    const interval = proportionInterval(successes, cases, 0.95)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })

  test('holds its estimate and mirrors when failures are counted', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (cases, share) => {
          const successes = Math.round(share * cases)
          const { estimate, low, high } = proportionInterval(successes, cases, 0.95)
          expect(low).toBeLessThanOrEqual(estimate)
          expect(high).toBeGreaterThanOrEqual(estimate)
          expect(proportionInterval(cases - successes, cases, 0.95).low).toBeCloseTo(1 - high, 9)
        },
      ),
    )
  })

  test('refuses counts that do not fit', () => {
    for (const [successes, cases] of [
      [0, 0],
      [3, 2],
      [-1, 2],
      [0.5, 2],
    ] as const)
      expect(() => proportionInterval(successes, cases, 0.95)).toThrow(RangeError)
  })
})
