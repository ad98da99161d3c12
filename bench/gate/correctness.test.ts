/** What of the findings about logins counts as worse. */
import { expect, test } from 'vitest'
import type { Finding } from '../record/finding.ts'
import { compareFindings } from './correctness.ts'

const finding = (change: Partial<Finding>): Finding => ({
  experiment: 'login-persistence',
  strategy: 'redis',
  metric: 'recognisedShare',
  case: '3',
  value: 1,
  low: 0.7,
  high: 1,
  unit: 'share',
  verdict: 'pass',
  note: '',
  ...change,
})
const falls = (before: Partial<Finding>, after: Partial<Finding>) =>
  compareFindings([finding(before)], [finding(after)]).falls

test('a share that passed must pass: failed, or not told because not everybody was answered, is worse', () => {
  expect(falls({}, {})).toEqual([])
  expect(falls({}, { value: 0.9, verdict: 'fail' })).toMatchObject([{ base: 1, head: 0.9 }])
  expect(falls({}, { verdict: 'unknown', note: '3 of 36 not answered' })).toMatchObject([
    { base: 1, head: 1, note: '3 of 36 not answered' },
  ])
  expect(falls({}, { value: null, verdict: 'unknown' })).toMatchObject([{ base: 1, head: null }])
})

test('what base itself fails, or does not tell, head need not do better', () => {
  const failing = { value: 0.5, low: 0.3, high: 0.7, verdict: 'fail' as const }
  expect(falls(failing, failing)).toEqual([])
  expect(falls(failing, { ...failing, verdict: 'unknown' })).toEqual([])
  expect(falls({ verdict: 'unknown' }, failing)).toEqual([])
  expect(falls(failing, { value: 0.1, low: 0, high: 0.2, verdict: 'fail' })).toHaveLength(1)
})
