/** Holds the judgement of restart-survival to hand-made observations. */
import { expect, test } from 'vitest'
import type { OutcomeCounts } from '../load/timeline.ts'
import { finding } from '../record/finding.ts'
import { restartSurvival } from './restart-survival.ts'

type Raw = Parameters<typeof restartSurvival.judge>[0][number]
type FaultRaw = Raw['faults'][number]

const slice = (ok: number, loggedOut: number, failed: number, asAnother = 0): OutcomeCounts => ({
  ok,
  'logged-out': loggedOut,
  failed,
  'answered-as-another': asAnother,
})

const calm: FaultRaw = {
  fault: 'crash',
  keptBefore: ['kept', 'kept', 'kept', 'kept'],
  active: ['kept', 'kept'],
  idle: ['kept', 'kept'],
  faultAtMs: 500,
  readyAtMs: 1_700,
  timeline: {
    sliceMs: 100,
    slices: [slice(10, 0, 0), slice(8, 0, 2), slice(10, 0, 0)],
    longestWithoutOkMs: 120,
    endedWithoutOk: false,
    lastFailedMs: 800,
  },
  latency: { count: 30, p50Ms: 2, p90Ms: 6, p95Ms: 8, p99Ms: 9, maxMs: 20 },
}

function judged(change: Partial<FaultRaw>) {
  const trial: Raw = { strategy: 'x', replicas: 3, ratePerSecond: 100, faults: [{ ...calm, ...change }] }
  expect(restartSurvival.raw.parse(trial)).toEqual(trial)
  const rows = restartSurvival.judge([trial])
  for (const row of rows) finding.parse(row)
  return (metric: string) => rows.find((row) => row.metric === metric)
}

test('a fault through which every login was kept passes', () => {
  const found = judged({})
  expect(found('survivedShare')).toMatchObject({ value: 1, high: 1, verdict: 'pass', note: '4 of 4 logins' })
  expect(found('survivedShare')!.low).toBeLessThan(1)
  expect(found('survivedActiveShare')).toMatchObject({ value: 1, verdict: 'pass' })
  expect(found('survivedIdleShare')).toMatchObject({ value: 1, verdict: 'pass' })
  expect(found('okRequests')?.value).toBe(28)
  expect(found('loggedOutRequests')?.value).toBe(0)
  expect(found('failedRequests')?.value).toBe(2)
  expect(found('outageMs')).toMatchObject({ value: 120, note: '' })
  expect(found('latencyP50Ms')?.value).toBe(2)
  expect(found('latencyP99Ms')?.value).toBe(9)
})

test('every fault of every trial is a case of its own', () => {
  const trial = (strategy: string, ...faults: string[]): Raw => ({
    strategy,
    replicas: 3,
    ratePerSecond: 100,
    faults: faults.map((fault) => ({ ...calm, fault })),
  })
  const rows = restartSurvival.judge([trial('x', 'crash', 'restart-all'), trial('y', 'crash')])
  const about = rows
    .filter(({ metric }) => metric === 'survivedShare')
    .map((row) => [row.strategy, row.experiment, row.case])
  expect(about).toEqual([
    ['x', 'restart-survival', 'crash'],
    ['x', 'restart-survival', 'restart-all'],
    ['y', 'restart-survival', 'crash'],
  ])
  expect(restartSurvival.judge([])).toEqual([])
})

test('a lost login fails, for active and idle users apart', () => {
  const found = judged({ active: ['kept', 'lost'] })
  expect(found('survivedShare')).toMatchObject({ value: 0.75, verdict: 'fail', note: '3 of 4 logins' })
  expect(found('survivedActiveShare')).toMatchObject({ value: 0.5, verdict: 'fail' })
  expect(found('survivedIdleShare')).toMatchObject({ value: 1, verdict: 'pass' })
})

test('being answered as somebody else fails, while browsing and when asked afterwards, and is no login that was kept', () => {
  expect(judged({})('answeredAsAnother')).toMatchObject({ value: 0, verdict: 'pass' })
  const timeline = { ...calm.timeline, slices: [slice(10, 0, 0), slice(7, 0, 0, 2)] }
  const found = judged({ timeline, active: ['kept', 'answered-as-another'] })
  expect(found('answeredAsAnother')).toMatchObject({
    value: 3,
    unit: 'count',
    verdict: 'fail',
    note: '3 of 27 answers named another user',
  })
  expect(found('survivedShare')).toMatchObject({ value: 0.75, verdict: 'fail' })
})

test('logins that got no answer make it unknown, unless one is known to be lost', () => {
  const unknown = judged({ idle: ['kept', 'unknown'] })('survivedShare')
  expect(unknown).toMatchObject({ value: 1, verdict: 'unknown', note: '3 of 3 logins; 1 more got no answer' })
  const lost = judged({ idle: ['lost', 'unknown'] })('survivedShare')
  expect(lost).toMatchObject({ value: 2 / 3, verdict: 'fail' })
})

test('when no login got an answer nothing is known', () => {
  const found = judged({ active: ['unknown', 'unknown'], idle: ['unknown', 'unknown'] })('survivedShare')
  expect(found).toMatchObject({ value: null, low: null, high: null, verdict: 'unknown' })
  expect(found?.note).toBe('none of 4 logins got an answer after the fault')
})

test('logins that not every replica knew before the fault are told', () => {
  const found = judged({ keptBefore: ['kept', 'lost', 'lost', 'unknown'], active: ['lost', 'lost'] })
  expect(found('survivedShare')?.note).toBe(
    '2 of 4 logins; before the fault 1 of 4 were known to every replica',
  )
})

test('service is whole again when every member is ready and nothing fails any more', () => {
  expect(judged({})('recoveryMs')?.value).toBe(1_200)
  const late = { ...calm.timeline, lastFailedMs: 2_500 }
  expect(judged({ timeline: late })('recoveryMs')?.value).toBe(2_000)
  const never = { ...calm.timeline, lastFailedMs: null }
  expect(judged({ timeline: never })('recoveryMs')?.value).toBe(1_200)
})

test('requests that failed up to the end leave the recovery unknown', () => {
  const timeline = { ...calm.timeline, slices: [slice(5, 0, 0), slice(0, 0, 3)], lastFailedMs: 190 }
  expect(judged({ timeline })('recoveryMs')).toMatchObject({ value: null, verdict: 'unknown' })
  expect(judged({ timeline })('recoveryMs')?.note).toContain('still failed at the end')
})

test('an outage that lasted to the end is at least as long as it says', () => {
  const timeline = { ...calm.timeline, longestWithoutOkMs: 900, endedWithoutOk: true }
  expect(judged({ timeline })('outageMs')).toMatchObject({ value: 900 })
  expect(judged({ timeline })('outageMs')?.note).toContain('at least')
})

test('without a request there is no latency', () => {
  const latency = { count: 0, p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null, maxMs: null }
  expect(judged({ latency })('latencyP99Ms')).toMatchObject({ value: null, verdict: 'unknown' })
})
