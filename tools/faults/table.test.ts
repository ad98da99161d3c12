import { expect, test } from 'vitest'
import { type Result, renderFailures, renderTable, renderTotal } from './table.ts'

const result = (change: Partial<Result>): Result => ({
  name: 'replica-killed',
  seed: 7,
  outcome: 'held',
  what: 'SIGKILL to replica-2',
  wrong: [],
  said: '',
  tookMs: 2_000,
  ...change,
})
const results = [
  result({}),
  result({
    outcome: 'failed',
    seed: 9,
    wrong: ['exit code 0, expected 3', 'processes were left: 7 nginx'],
    said: 'replica-2 ended\nsaved',
  }),
  result({ outcome: 'missed' }),
  result({ name: 'port-taken', tookMs: 500 }),
]

test('a row for each class: tries, failures, those that came too late, those not run', () => {
  expect(
    renderTable(
      ['replica-killed', 'port-taken', 'few-processes'],
      results,
      new Map([['few-processes', 'root']]),
    ),
  ).toBe(`| class          | tried | failed | too late | s each |               |
| :------------- | ----: | -----: | -------: | -----: | :------------ |
| replica-killed |     2 |      1 |        1 |    2.0 |               |
| port-taken     |     1 |      0 |        0 |    0.5 |               |
| few-processes  |     0 |      0 |        0 |        | not run: root |`)
})

test('each failure with the command that tries it again', () => {
  expect(renderFailures(results)).toBe(`replica-killed: SIGKILL to replica-2
  - exit code 0, expected 3
  - processes were left: 7 nginx
  > replica-2 ended
  > saved
  again: npm run faults -- --only replica-killed --seed 9 --count 1`)
})

test('the total counts what was put to the test', () => {
  expect(renderTotal(results)).toBe('3 faults tried, 1 failed; 1 came too late')
  expect(renderTotal([])).toBe('0 faults tried, 0 failed')
})
