/** The decision: its three verdicts, exact repetition, and what must not change it. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide, type GateDecision } from './gate-decision.ts'
import { planGate } from './gate-plan.ts'
import { seededRandom } from './random.ts'
import { whatWouldSettle } from './settle.ts'

const plan = planGate({ metrics: [{ name: 'cpu' }, { name: 'bytes', leastSpread: 0.005 }], maxPairs: 28 })
const cpuPlan = planGate({ metrics: [{ name: 'cpu' }], maxPairs: 20 })
const zeros = (n: number) => new Array<number>(n).fill(0)
const always = (value: number, n: number) => new Array<number>(n).fill(value)

/** Log ratios around a true change, with a fixed zigzag of about 2 %. */
const around = (change: number, n: number) =>
  Array.from({ length: n }, (_, i) => Math.log1p(change) + 0.02 * Math.sin(37 * i + 1))

const noisy = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 20, maxLength: 20 })
const cpuOf = (decision: GateDecision) => decision.metrics.cpu as NonNullable<GateDecision['metrics'][string]>

describe('decide', () => {
  test('calls +20 % worse at the first look and names the metric', () => {
    const decision = decide({ cpu: around(0.2, 6), bytes: zeros(6) }, plan)
    expect(decision).toMatchObject({ verdict: 'worse', stop: true, nextLook: null })
    expect(decision.metrics).toMatchObject({
      cpu: { verdict: 'worse', pairs: 6 },
      bytes: { verdict: 'fine' },
    })
  })

  test('calls no change fine once it is sure, and says before then when it will look next', () => {
    expect(decide({ cpu: zeros(5), bytes: zeros(5) }, plan)).toMatchObject({ stop: false, nextLook: 6 })
    expect(decide({ cpu: around(0.015, 7), bytes: zeros(7) }, plan)).toMatchObject({
      stop: false,
      nextLook: 8,
    })
    expect(decide({ cpu: around(0, 28), bytes: zeros(28) }, plan)).toMatchObject({
      verdict: 'fine',
      stop: true,
    })
  })

  test('stays undecided on the tolerance, and stops after the last look', () => {
    const decision = decide({ cpu: around(0.025, 28), bytes: zeros(28) }, plan)
    expect(decision).toMatchObject({ verdict: 'undecided', stop: true, nextLook: null })
  })

  test('is sure of exact repetition: a byte count that always rose, one that never did', () => {
    const rose = always(Math.log1p(0.03), 28)
    expect(decide({ cpu: zeros(28), bytes: rose }, plan).metrics.bytes).toMatchObject({
      verdict: 'worse',
      pairs: 12,
    })
    expect(decide({ cpu: zeros(28), bytes: always(Math.log1p(0.3), 28) }, plan)).toMatchObject({
      verdict: 'worse',
    })
    expect(decide({ cpu: zeros(28), bytes: zeros(28) }, plan)).toMatchObject({ verdict: 'fine' })
    const fell = decide({ cpu: zeros(28), bytes: always(-0.5, 28) }, plan)
    expect(fell.metrics.bytes).toMatchObject({ verdict: 'fine' })
  })

  test('finds a drop in what should be high', () => {
    const throughput = planGate({ metrics: [{ name: 'throughput', worse: 'lower' }], maxPairs: 28 })
    const dropped = decide({ throughput: around(-0.1, 28) }, throughput)
    expect(dropped.verdict).toBe('worse')
    expect(dropped.metrics.throughput?.high).toBeLessThan(1 / 1.025)
    expect(decide({ throughput: around(0.1, 28) }, throughput).verdict).toBe('fine')
  })

  test('spends what is left when time is up between two looks, and guesses nothing before the first', () => {
    const unsure = { cpu: around(0.05, 11), bytes: zeros(11) }
    expect(decide(unsure, plan)).toMatchObject({ verdict: 'undecided', nextLook: 12 })
    expect(decide(unsure, plan, { last: true })).toMatchObject({ verdict: 'worse', stop: true })
    const tooFew = decide({ cpu: around(0.5, 5), bytes: zeros(5) }, plan, { last: true })
    expect(tooFew).toMatchObject({
      verdict: 'undecided',
      stop: true,
      metrics: { cpu: { low: null, pairs: 5 } },
    })
  })

  test('gives the verdict that its interval shows, around its estimate', () => {
    fc.assert(
      fc.property(noisy, fc.integer({ min: 6, max: 20 }), (values, n) => {
        const { verdict, estimate, low, high } = cpuOf(decide({ cpu: values.slice(0, n) }, cpuPlan))
        expect(low).toBeLessThanOrEqual(estimate)
        expect(high).toBeGreaterThanOrEqual(estimate)
        const clear = (low as number) > 1.025 ? 'worse' : (high as number) <= 1.025 ? 'fine' : 'undecided'
        expect(verdict).toBe(clear)
      }),
    )
  })

  test('never calls a metric better for being slower, nor worse for being faster', () => {
    const badness = { fine: 0, undecided: 1, worse: 2 }
    const verdictOf = (values: readonly number[]) => badness[decide({ cpu: values }, cpuPlan).verdict]
    fc.assert(
      fc.property(noisy, fc.double({ min: 0, max: 0.3, noNaN: true }), (values, slower) => {
        expect(verdictOf(values.map((value) => value + slower))).toBeGreaterThanOrEqual(verdictOf(values))
      }),
    )
  })

  test('does not depend on how often it is asked, nor on pairs measured after the end', () => {
    fc.assert(
      fc.property(noisy, (values) => {
        const atOnce = decide({ cpu: values }, cpuPlan)
        let n = 1
        while (!decide({ cpu: values.slice(0, n) }, cpuPlan).stop) n++
        expect(decide({ cpu: values.slice(0, n) }, cpuPlan)).toEqual(atOnce)
      }),
      { numRuns: 30 },
    )
  })

  test('depends on which pairs a look has, not on their order', () => {
    fc.assert(
      fc.property(noisy, fc.integer(), (values, seed) => {
        const six = values.slice(0, 6)
        const plain = cpuOf(decide({ cpu: six }, cpuPlan))
        const shuffled = cpuOf(decide({ cpu: seededRandom(seed).shuffle(six) }, cpuPlan))
        expect(shuffled.verdict).toBe(plain.verdict)
        expect(shuffled.estimate).toBeCloseTo(plain.estimate, 12)
        expect(shuffled.low).toBeCloseTo(plain.low as number, 12)
      }),
    )
  })

  test('refuses missing metrics, unequal pairs and values that are no numbers', () => {
    expect(() => decide({ cpu: zeros(6) }, plan)).toThrow(/bytes/)
    expect(() => decide({ cpu: zeros(6), bytes: zeros(7) }, plan)).toThrow(RangeError)
    expect(() => decide({ cpu: [Number.NaN], bytes: [0] }, plan)).toThrow(RangeError)
    expect(() => decide({ cpu: [], bytes: [] }, plan)).toThrow(RangeError)
  })
})

describe('whatWouldSettle', () => {
  const metric = cpuPlan.metrics[0] as (typeof cpuPlan.metrics)[number]
  const settled = (change: number) =>
    whatWouldSettle(cpuOf(decide({ cpu: around(change, 8) }, cpuPlan, { last: true })), metric, cpuPlan)

  test('asks for more pairs the closer the estimate is to the tolerance', () => {
    const near = settled(0.03)
    const far = settled(0.045)
    expect(near?.verdict).toBe('worse')
    expect(near?.pairs).toBeGreaterThan(far?.pairs as number)
    expect(settled(0.01)?.verdict).toBe('fine')
  })

  test('says that nothing settles an estimate on the tolerance', () => {
    const onTolerance = decide({ cpu: always(Math.log1p(0.025), 1) }, cpuPlan)
    expect(whatWouldSettle(cpuOf(onTolerance), metric, cpuPlan)).toBeNull()
  })
})
