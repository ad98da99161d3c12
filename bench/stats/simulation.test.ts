/** The gate keeps its promises on simulated noise: seeded, so that the same gates are simulated each time. */

import { describe, expect, test } from 'vitest'
import { seededRandom } from './random.ts'
import { NOISES, type Noise, SIMULATED_PLAN, simulateGates } from './simulation.ts'

const noises = Object.entries(NOISES)
const facts = noises.filter(([name]) => name.startsWith('seen'))
const onTolerance = SIMULATED_PLAN.metrics.map(() => 1.025)

describe('a gate over six metrics', () => {
  test.each(noises)('raises no alarm when nothing changed, with %s', (_, noise) => {
    // The rate allowed is 1 %, 30 of 3,000; the margin of the tolerance keeps it far below, even for noise twice as wide.
    expect(simulateGates(SIMULATED_PLAN, noise, [], 3000, seededRandom(1)).worse).toBeLessThanOrEqual(6)
  })

  test.each(noises)('keeps to 1 % false alarms with all metrics on the tolerance and %s', (_, noise) => {
    // The hardest case the promise covers; 1 % of 2,000 is 20.
    const { worse } = simulateGates(SIMULATED_PLAN, noise, onTolerance, 2000, seededRandom(2))
    expect(worse).toBeLessThanOrEqual(20)
  })

  test('two-valued noise of ±5 % raises no more alarms at the first look than that look may', () => {
    const noise = NOISES['two-valued: ±5 %, normal 0.3 %'] as Noise
    const first = { ...SIMULATED_PLAN, looks: SIMULATED_PLAN.looks.slice(0, 1) }
    // 6 of 28 pairs may spend 0.21 % of the 1 %: 4 of 2,000 gates. With a floor of 1 % it was one gate in eleven.
    expect(simulateGates(first, noise, onTolerance, 2000, seededRandom(7)).worse).toBeLessThanOrEqual(4)
  })

  test.each(noises)('always finds +20 % and +10 % within 28 pairs, with %s', (_, noise) => {
    for (const change of [1.2, 1.1])
      expect(simulateGates(SIMULATED_PLAN, noise, [change], 200, seededRandom(3)).worse).toBe(200)
  })

  test.each(facts)('finds +10 % in 95 % within 10 pairs, +5 % in 80 % within 28, with %s', (_, noise) => {
    const large = simulateGates(SIMULATED_PLAN, noise, [1.1], 500, seededRandom(4))
    expect(large.pairs.filter((pairs) => pairs <= 10).length).toBeGreaterThanOrEqual(475)
    expect(simulateGates(SIMULATED_PLAN, noise, [1.05], 500, seededRandom(5)).worse).toBeGreaterThanOrEqual(
      400,
    )
  })

  test.each(noises)('never calls +5 % fine, with %s', (_, noise) => {
    expect(simulateGates(SIMULATED_PLAN, noise, [1.05], 200, seededRandom(6)).fine).toBe(0)
  })
})
