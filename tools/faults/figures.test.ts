import { expect, test } from 'vitest'
import type { Finding } from '../../bench/record/finding.ts'
import { changedFigures, wrongFigures } from './figures.ts'

const finding = (change: Partial<Finding>): Finding => ({
  strategy: 'memory',
  experiment: 'login-persistence',
  case: '3',
  metric: 'recognisedShare',
  value: 1 / 3,
  unit: 'share',
  low: null,
  high: null,
  verdict: 'fail',
  note: '',
  ...change,
})
const cost = (metric: string, value: number, verdict: Finding['verdict'] = 'pass') =>
  finding({
    experiment: 'throughput',
    case: 'me-saturated',
    strategy: 'redis',
    unit: 'ratio',
    metric,
    value,
    verdict,
  })

test('what sessions are known to do is right', () => {
  expect(wrongFigures([finding({})], 3)).toEqual([])
})

test('a dead replica whose share the others took is wrong, whatever the verdict', () => {
  for (const verdict of ['pass', 'fail'] as const) {
    expect(wrongFigures([finding({ value: 0.4, verdict })], 3)).toEqual([
      `memory, login-persistence 3, recognisedShare: 0.4, expected 0.333, and says ${verdict}`,
    ])
  }
})

test('who says that it is not known is never wrong', () => {
  expect(wrongFigures([finding({ value: 0.4, verdict: 'unknown' }), finding({ value: null })], 3)).toEqual([])
})

test.each([
  [{ value: -1, unit: 'count' }, 'below zero'],
  [{ metric: 'other', value: 1.5, unit: 'share' }, 'a share above 1'],
  [{ metric: 'other', value: 0.5, low: 0.6, high: 0.7 }, 'outside 0.6 to 0.7'],
] as const)('no measurement comes to %j', (change, complaint) => {
  expect(wrongFigures([finding({ metric: 'other', ...change })], 3).join()).toContain(complaint)
})

test('costs that nothing costs are wrong only where they pass', () => {
  const frozen = [cost('ratioToControl', 8.2), cost('requestsPerSecond', 0), cost('latencyP99Ms', 5_500)]
  expect(wrongFigures(frozen, 3)).toHaveLength(3)
  expect(
    wrongFigures(
      frozen.map((row) => ({ ...row, verdict: 'unknown' })),
      3,
    ),
  ).toEqual([])
  expect(wrongFigures([cost('ratioToControl', 0.4), cost('requestsPerSecond', 9_000)], 3)).toEqual([])
})

test('a damaged folder may say less than before, or that it does not know, and nothing else', () => {
  const before = [finding({}), finding({ metric: 'lostForGoodShare', value: 1 })]
  expect(changedFigures(before, [finding({})])).toEqual([])
  expect(changedFigures(before, [finding({ value: null, verdict: 'unknown' })])).toEqual([])
  expect(changedFigures(before, [finding({ value: 0.5 })]).join()).toContain('0.5, was 0.333')
  expect(changedFigures(before, [finding({ strategy: 'cookie' })]).join()).toContain('was not there')
})
