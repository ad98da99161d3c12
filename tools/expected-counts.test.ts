import { expect, test } from 'vitest'
import { describeCount, expectedCounts, findingFor, isAsExpected } from './expected-counts.ts'

const count = (strategy: string, about: string, metric: string, replicas = 3) =>
  expectedCounts(replicas).find(
    (each) => each.strategy === strategy && each.case === about && each.metric === metric,
  )!

test('memory knows its own share of the pages, whatever the number of replicas', () => {
  const third = count('memory', '3', 'recognisedShare')
  expect(isAsExpected(1 / 3, third)).toBe(true)
  expect(isAsExpected(0.36, third)).toBe(false)
  expect(count('memory', '4', 'recognisedShare', 4).most).toBe(0.25)
  expect(count('memory', '4', 'recognisedShare')).toBeUndefined()
})

test('a range takes what lies in it', () => {
  const crash = count('memory', 'crash', 'survivedShare')
  expect([0.57, 0.58, 0.67, 0.76, 0.77].map((value) => isAsExpected(value, crash))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
})

test('every expectation is about another finding', () => {
  const names = expectedCounts(3).map(
    (each) => `${each.strategy} ${each.experiment} ${each.case} ${each.metric}`,
  )
  expect(new Set(names).size).toBe(names.length)
})

test('a count is told for people, and found among findings', () => {
  const third = count('memory', '3', 'recognisedShare')
  expect(describeCount(third, 0.4)).toBe('memory, login-persistence 3, recognisedShare: 0.4, expected 0.333')
  expect(describeCount(third, null)).toContain(': null,')
  expect(findingFor(third, [])).toBeUndefined()
})
