import { expect, test } from 'vitest'
import { seededRandom } from '../../../bench/stats/random.ts'
import { strategies } from '../../../servers/strategies/index.ts'
import { someCluster, someMoment, someRun } from '../subjects.ts'
import { faultClasses } from './index.ts'

test('every class has a name of its own, and says what it does', () => {
  const names = faultClasses.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, summary } of faultClasses) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(summary).not.toBe('')
  }
})

test('what is disturbed follows from the seed alone', () => {
  for (const seed of [1, 2, 3]) {
    const [one, other] = [seededRandom(seed), seededRandom(seed)]
    expect(someRun(one, 'out')).toEqual(someRun(other, 'out'))
    expect(someCluster(one)).toEqual(someCluster(other))
    expect(someMoment(one, 5_000)).toBe(someMoment(other, 5_000))
  }
})

test('a fault to a store finds a strategy that has one', () => {
  const random = seededRandom(1)
  for (let count = 0; count < 50; count += 1) {
    const { args, expectedMs } = someRun(random, 'out', { withStore: true })
    const chosen = args[args.indexOf('--strategies') + 1]!.split(',')
    for (const name of chosen) {
      expect(strategies.find((strategy) => strategy.name === name)!.needs).not.toEqual([])
    }
    expect(expectedMs).toBeGreaterThan(1_000)
    expect(expectedMs).toBeLessThan(30_000)
  }
})
