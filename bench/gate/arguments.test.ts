/** What is accepted as a tolerance and as a time. */
import { expect, test } from 'vitest'
import { UsageError } from '../errors.ts'
import { duration, tolerance } from './arguments.ts'

test.each([
  ['5%', 0.05],
  [' 2.5 % ', 0.025],
])('tolerance %j', (text, value) => expect(tolerance(text)).toBeCloseTo(value))

test.each(['0%', '0', '5', '', 'much', '-5%', '100%', 'NaN%', '1e1%'])('no tolerance: %j', (text) => {
  expect(() => tolerance(text)).toThrow(UsageError)
  expect(() => tolerance(text)).toThrow(/such as 2.5%/)
})

test.each([
  ['300s', 300_000],
  ['5m', 300_000],
  ['1.5m', 90_000],
])('time %j', (text, value) => expect(duration(text)).toBe(value))

test.each(['300', '0s', '-1s', 'soon', '25h', '2000m', ''])('no time: %j', (text) => {
  expect(() => duration(text)).toThrow(UsageError)
})
