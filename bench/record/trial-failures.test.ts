/** Holds what is said of failed trials to their records. */
import { expect, test } from 'vitest'
import { type Finding, finding } from './finding.ts'
import type { TrialRecord } from './run-record.ts'
import { withTrialFailures } from './trial-failures.ts'

const trial = (id: string, strategies: string[], change: Partial<TrialRecord> = {}): TrialRecord => ({
  experiment: 'throughput',
  id,
  strategies,
  status: 'done',
  failures: [],
  beside: [],
  startedMs: 0,
  endedMs: 1,
  ...change,
})

const found = (strategy: string, change: Partial<Finding> = {}): Finding => ({
  strategy,
  experiment: 'throughput',
  case: 'me-saturated',
  metric: 'requestsPerSecond',
  value: 1_000,
  unit: '1/s',
  low: null,
  high: null,
  verdict: 'pass',
  note: '',
  ...change,
})

test('each strategy says of each experiment in how many of its trials it failed, and why', () => {
  const rows = withTrialFailures(
    [],
    [
      trial('trial-1', ['a', 'b'], { failures: [{ strategy: 'a', reason: 'no login' }] }),
      trial('trial-2', ['a', 'b'], {
        status: 'failed',
        failures: [
          { strategy: 'a', reason: 'no control' },
          { strategy: 'b', reason: 'no control' },
        ],
      }),
      trial('trial-3', ['a', 'b'], { failures: [{ strategy: 'a', reason: 'no login' }] }),
      trial('a', ['a'], { experiment: 'login-persistence' }),
      // Nobody has failed in what was interrupted.
      trial('trial-4', ['a', 'b'], { status: 'interrupted' }),
    ],
  )
  for (const row of rows) finding.parse(row)
  expect(
    rows.map(({ strategy, experiment, value, verdict, note }) => [
      strategy,
      experiment,
      value,
      verdict,
      note,
    ]),
  ).toEqual([
    ['a', 'throughput', 3, 'fail', '3 of 3 trials: no login; no control'],
    ['b', 'throughput', 1, 'fail', '1 of 3 trials: no control'],
    ['a', 'login-persistence', 0, 'pass', '0 of 1 trials'],
  ])
  expect(rows[0]).toMatchObject({
    case: 'trials',
    metric: 'trialFailed',
    unit: 'count',
    low: null,
    high: null,
  })
})

test('what was found in the trials that did not fail passes no more; what failed there stays', () => {
  const trials = [
    trial('trial-1', ['a', 'b']),
    trial('trial-2', ['a', 'b'], { failures: [{ strategy: 'a', reason: 'no login' }] }),
  ]
  const bad = found('a', {
    metric: 'answeredAsAnother',
    value: 2,
    unit: 'count',
    verdict: 'fail',
    note: '2 of 9',
  })
  const other = found('a', { experiment: 'login-persistence' })
  const rows = withTrialFailures([found('a'), found('a', { note: 'late' }), bad, other, found('b')], trials)
  expect(rows.slice(0, 5)).toEqual([
    { ...found('a'), verdict: 'unknown', note: 'without the trials that failed (1)' },
    { ...found('a'), verdict: 'unknown', note: 'late; without the trials that failed (1)' },
    bad,
    other,
    found('b'),
  ])
})
