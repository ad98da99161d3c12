import { expect, test } from 'vitest'
import { planFaults } from './plan.ts'

const names = ['a', 'b', 'c']

test('every class is tried equally often', () => {
  for (const round of [0, 1, 2]) {
    const part = planFaults(names, 9, 5).slice(3 * round, 3 * round + 3)
    expect(part.map(({ name }) => name).sort()).toEqual(names)
  }
})

test('the same seed plans the same, another one something else', () => {
  expect(planFaults(names, 30, 7)).toEqual(planFaults(names, 30, 7))
  expect(planFaults(names, 30, 7)).not.toEqual(planFaults(names, 30, 8))
})

test('no two faults of a campaign have the same seed', () => {
  const seeds = planFaults(names, 10_000, 1).map(({ seed }) => seed)
  expect(new Set(seeds).size).toBe(seeds.length)
})

test('a fault is tried again alone by its own seed', () => {
  for (const fault of planFaults(names, 20, 3))
    expect(planFaults([fault.name], 1, fault.seed)).toEqual([fault])
})

test('of no classes there is nothing to plan', () => {
  expect(planFaults([], 10, 1)).toEqual([])
})
