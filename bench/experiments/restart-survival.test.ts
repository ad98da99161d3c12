/** Holds the judgement of restart-survival to hand-made observations, and its plan to what timings need. */
import { describe, expect, test } from 'vitest'
import { faultsFor } from '../cluster/faults.ts'
import type { OutcomeCounts } from '../load/timeline.ts'
import type { LoginState } from '../load/users.ts'
import { finding } from '../record/finding.ts'
import { type Preset, presets } from './experiment.ts'
import type { FaultWindow } from './fault-window.ts'
import { restartSurvival } from './restart-survival.ts'

type Raw = Parameters<typeof restartSurvival.judge>[0][number]

const slice = (ok: number, loggedOut: number, failed: number, asAnother = 0): OutcomeCounts => ({
  ok,
  'logged-out': loggedOut,
  failed,
  'answered-as-another': asAnother,
})

const known = (knowing: number, mistaking = 0): LoginState => ({
  met: 3,
  knowing,
  mistaking,
  unanswered: false,
})
const everywhere = known(3)
const nowhere = known(0)
const unanswered: LoginState = { met: 0, knowing: 0, mistaking: 0, unanswered: true }

const active = (before: LoginState, after: LoginState) => ({ count: 1, active: true, before, after })
const idle = (before: LoginState, after: LoginState) => ({ count: 1, active: false, before, after })
const newcomers = (...all: readonly (readonly [acknowledgedAtMs: number, after: LoginState])[]) =>
  all.map(([acknowledgedAtMs, after]) => ({ acknowledgedAtMs, after }))

const generator: FaultWindow['generator'] = {
  cpuShare: 0.2,
  cpuMicros: 100_000,
  runDelayMicros: 0,
  eventLoopDelayP99Ms: 6,
  sendLag: { count: 140, p50Ms: 0.1, p90Ms: 0.2, p95Ms: 0.3, p99Ms: 0.5, maxMs: 1 },
}

const calm: FaultWindow = {
  fault: 'crash',
  users: [
    { ...active(everywhere, everywhere), count: 2 },
    { ...idle(everywhere, everywhere), count: 2 },
  ],
  newcomers: newcomers([100, everywhere], [900, everywhere]),
  loginRequests: slice(2, 0, 0),
  faultAtMs: 500,
  readyAtMs: 1_700,
  timeline: {
    sliceMs: 100,
    slices: [slice(10, 0, 0), slice(8, 0, 2), slice(10, 0, 0)],
    longestWithoutOkMs: 120,
    endedWithoutOk: false,
    lastFailedMs: 800,
  },
  okLatency: { count: 100, p50Ms: 5, p90Ms: 7, p95Ms: 8, p99Ms: 9, maxMs: 20 },
  generator,
  lull: {
    spanMs: 500,
    cpuMicros: { replica: 100_000, nginx: 20_000, store: 0 },
    machine: { cores: 2, busyMicros: 300_000, stealMicros: 0 },
    generator,
  },
  beside: [],
}

const trial = (strategy: string, ...faults: FaultWindow[]): Raw => ({
  strategy,
  replicas: 3,
  ratePerSecond: 100,
  loginsPerSecond: 40,
  faults,
})

/** The findings of one fault, each repetition on a cluster of its own. */
function judged(...repetitions: readonly Partial<FaultWindow>[]) {
  const trials = repetitions.map((change) => trial('x', { ...calm, ...change }))
  for (const one of trials) expect(restartSurvival.raw.parse(one)).toEqual(one)
  const rows = restartSurvival.judge(trials)
  for (const row of rows) finding.parse(row)
  const metrics = rows.map(({ metric }) => metric)
  expect(new Set(metrics).size).toBe(metrics.length)
  return (metric: string) => rows.find((row) => row.metric === metric)
}

test('a fault through which every login was kept passes', () => {
  const found = judged({})
  expect(found('loginsBefore')).toMatchObject({ value: 4, verdict: 'pass', note: '' })
  for (const share of ['survivedShare', 'survivedActiveShare', 'survivedIdleShare']) {
    expect(found(share)).toMatchObject({ value: 1, verdict: 'pass' })
  }
  expect(found('survivedShare')?.note).toBe('4 of 4 logins; one fault, so no interval')
  expect(found('recognisedShareBefore')).toMatchObject({ value: 1, verdict: 'pass' })
  expect(found('recognisedShareAfter')).toMatchObject({ value: 1, verdict: 'pass' })
  expect(found('acknowledgedLogins')).toMatchObject({ value: 2, verdict: 'pass', note: '' })
  expect(found('acknowledgedLoginsLost')).toMatchObject({ value: 0, verdict: 'pass' })
  expect(found('okRequests')?.value).toBe(28)
  expect(found('loggedOutRequests')?.value).toBe(0)
  expect(found('failedRequests')?.value).toBe(2)
  expect(found('outageMs')).toMatchObject({ value: 120, verdict: 'pass', note: '' })
  expect(found('latencyP50Ms')).toMatchObject({ value: 5, verdict: 'pass' })
  expect(found('latencyP95Ms')).toMatchObject({ value: 8, verdict: 'pass' })
})

test('every fault of every strategy is a case of its own', () => {
  const faults = (...names: string[]) => names.map((fault) => ({ ...calm, fault }))
  const rows = restartSurvival.judge([
    trial('x', ...faults('crash', 'restart-all')),
    trial('y', ...faults('crash')),
  ])
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

describe('survival and visibility', () => {
  test('a login that only one of three replicas knew is lost with that one, and visible on a third of the pages', () => {
    const users = [active(known(1), nowhere), idle(known(1), known(1)), active(known(1), known(1))]
    const found = judged({ users })
    expect(found('survivedShare')).toMatchObject({ value: 2 / 3, verdict: 'fail', low: null, high: null })
    expect(found('survivedShare')?.note).toBe('2 of 3 logins; one fault, so no interval')
    expect(found('recognisedShareBefore')).toMatchObject({ value: 1 / 3, verdict: 'fail' })
    expect(found('recognisedShareAfter')).toMatchObject({ value: 2 / 9, verdict: 'fail' })
    expect(found('recognisedShareAfter')?.note).toBe('2 of 9 pages; one fault, so no interval')
  })

  test('a lost login fails, for active and idle users apart', () => {
    const found = judged({
      users: [active(everywhere, nowhere), active(everywhere, everywhere), ...calm.users.slice(1)],
    })
    expect(found('survivedShare')).toMatchObject({ value: 0.75, verdict: 'fail' })
    expect(found('survivedActiveShare')).toMatchObject({ value: 0.5, verdict: 'fail' })
    expect(found('survivedIdleShare')).toMatchObject({ value: 1, verdict: 'pass' })
  })

  test('what was lost before the fault is not blamed on it, but told', () => {
    const found = judged({ users: [active(nowhere, nowhere), idle(everywhere, everywhere)] })
    expect(found('survivedShare')).toMatchObject({ value: 1, verdict: 'pass' })
    expect(found('loginsBefore')).toMatchObject({
      value: 1,
      verdict: 'fail',
      note: 'of 2 that were acknowledged',
    })
  })

  test('where there was nothing to lose, nothing is known', () => {
    const found = judged({ users: [active(nowhere, nowhere), idle(nowhere, nowhere)] })
    expect(found('survivedShare')).toMatchObject({
      value: null,
      verdict: 'unknown',
      note: 'nothing to lose: no replica knew a login before the fault',
    })
    expect(found('loginsBefore')).toMatchObject({ value: 0, verdict: 'fail' })
    expect(found('recognisedShareBefore')?.value).toBe(0)
  })

  test('logins that got no answer make it unknown, unless one is known to be lost', () => {
    const doubtful = [active(everywhere, everywhere), idle(everywhere, unanswered)]
    expect(judged({ users: doubtful })('survivedShare')).toMatchObject({
      value: 1,
      verdict: 'unknown',
      note: '1 of 1 logins; 1 more got no answer; one fault, so no interval',
    })
    const lost = judged({ users: [...doubtful, active(everywhere, nowhere)] })('survivedShare')
    expect(lost).toMatchObject({ value: 1 / 2, verdict: 'fail' })
  })

  test('when no login got an answer nothing is known', () => {
    const found = judged({ users: calm.users.map((user) => ({ ...user, after: unanswered })) })
    expect(found('survivedShare')).toMatchObject({
      value: null,
      verdict: 'unknown',
      note: 'none of 4 logins got an answer',
    })
  })
})

describe('logins around the fault', () => {
  test('are lost by their age when it struck', () => {
    const found = judged({
      faultAtMs: 1_500,
      newcomers: newcomers(
        [100, everywhere], // 1.4 s old
        [800, nowhere], // 0.7 s
        [900, everywhere],
        [1_450, nowhere], // 0.05 s
        [1_600, nowhere], // after it
        [1_700, everywhere],
      ),
      loginRequests: slice(6, 1, 2),
    })
    expect(found('acknowledgedLogins')).toMatchObject({
      value: 6,
      note: '3 more were refused or got no answer',
    })
    expect(found('acknowledgedLoginsLost')).toMatchObject({ value: 3, verdict: 'fail' })
    expect(found('acknowledgedLoginsLost')?.note).toBe(
      '3 of 6 logins acknowledged around the fault; by age when it struck: 1 of 2 (made after it), 1 of 1 (under 0.1 s), 1 of 2 (0.1 to 1 s)',
    )
  })

  test('that were not all found again, nor lost, are in doubt', () => {
    const found = judged({ newcomers: newcomers([100, everywhere], [200, unanswered]) })
    expect(found('acknowledgedLoginsLost')).toMatchObject({ value: 0, verdict: 'unknown' })
    expect(found('acknowledgedLoginsLost')?.note).toContain('1 more got no answer')
    const none = judged({ newcomers: newcomers([200, unanswered]) })('acknowledgedLoginsLost')
    expect(none).toMatchObject({ value: null, verdict: 'unknown' })
  })

  test('of which there were none tell nothing', () => {
    const found = judged({ newcomers: [], loginRequests: slice(0, 0, 9) })
    expect(found('acknowledgedLogins')?.value).toBe(0)
    expect(found('acknowledgedLoginsLost')).toMatchObject({
      value: null,
      verdict: 'unknown',
      note: 'no login was acknowledged around the fault',
    })
  })

  test('are counted over all repetitions', () => {
    const one = newcomers([100, everywhere], [200, nowhere])
    expect(judged({ newcomers: one }, { newcomers: one })('acknowledgedLoginsLost')).toMatchObject({
      value: 2,
      low: null,
    })
  })
})

describe('repetitions', () => {
  const half = [active(everywhere, nowhere), idle(everywhere, everywhere)]

  test('are what an interval is over, not their users', () => {
    const found = judged({}, { users: half }, {})
    expect(found('survivedShare')).toMatchObject({ value: 2.5 / 3, verdict: 'fail', high: 1 })
    expect(found('survivedShare')!.low).toBeCloseTo(2.5 / 3 - (4.302653 * Math.sqrt(1 / 12)) / Math.sqrt(3))
    expect(found('survivedShare')?.note).toBe('9 of 10 logins; 3 faults')
  })

  test('that all came out the same have no interval', () => {
    expect(judged({}, {}, {})('survivedShare')).toMatchObject({ value: 1, low: null, high: null })
  })

  test('make times and counts means with intervals', () => {
    const slower = { ...calm.timeline, longestWithoutOkMs: 180, slices: [slice(30, 0, 0)] }
    const found = judged({}, { timeline: slower })
    expect(found('outageMs')).toMatchObject({ value: 150, low: 0, verdict: 'pass' })
    expect(found('outageMs')!.high).toBeGreaterThan(180)
    expect(found('okRequests')).toMatchObject({ value: 29 })
  })
})

describe('timings', () => {
  const lagging = (change: object) => ({
    ...calm.generator,
    sendLag: { ...calm.generator.sendLag!, ...change },
  })
  const times = ['outageMs', 'recoveryMs', 'latencyP50Ms', 'latencyP95Ms']

  test('taken beside other trials are in doubt; counts are not', () => {
    const found = judged({}, { beside: ['restart-survival/y'] })
    for (const metric of times) {
      expect(found(metric)).toMatchObject({ verdict: 'unknown' })
      expect(found(metric)?.value).not.toBeNull()
      expect(found(metric)?.note).toContain('measured beside other trials')
    }
    expect(found('survivedShare')?.verdict).toBe('pass')
    expect(found('failedRequests')?.verdict).toBe('pass')
  })

  test('by a generator that was late are in doubt', () => {
    const late = judged({ generator: lagging({ p99Ms: 80 }) })
    for (const metric of times) {
      expect(late(metric)).toMatchObject({ verdict: 'unknown' })
      expect(late(metric)?.note).toContain('sent late')
    }
  })

  test('on a machine that others used meanwhile are in doubt', () => {
    const others = { ...calm.lull, machine: { cores: 2, busyMicros: 600_000, stealMicros: 0 } }
    const host = { ...calm.lull, machine: { cores: 2, busyMicros: 300_000, stealMicros: 300_000 } }
    for (const lull of [others, host]) {
      const found = judged({ lull })
      for (const metric of times) {
        expect(found(metric)).toMatchObject({ verdict: 'unknown' })
        expect(found(metric)?.note).toBe('other programs and the host had 38 % of the machine')
      }
      expect(found('survivedShare')?.verdict).toBe('pass')
    }
    expect(judged({ lull: { ...calm.lull, machine: null } })('outageMs')?.verdict).toBe('pass')
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

  test('a quantile is told from where the recognised pages carry it', () => {
    const found = judged({ okLatency: { ...calm.okLatency, count: 71 } })
    expect(found('latencyP50Ms')).toMatchObject({ value: 5, verdict: 'pass' })
    expect(found('latencyP95Ms')).toMatchObject({
      value: null,
      verdict: 'unknown',
      note: 'too few pages were recognised to tell this quantile',
    })
    const none = { count: 0, p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null, maxMs: null }
    expect(judged({ okLatency: none })('latencyP50Ms')).toMatchObject({ value: null, verdict: 'unknown' })
  })

  test('a quantile that is the lag of the generator by more than a tenth is in doubt, and the others are not', () => {
    const found = judged({ generator: lagging({ p95Ms: 1 }) })
    expect(found('latencyP95Ms')).toMatchObject({ value: 8, verdict: 'unknown' })
    expect(found('latencyP95Ms')?.note).toContain('own lag is 1.00 of 8.00 ms')
    for (const metric of ['outageMs', 'latencyP50Ms']) expect(found(metric)?.verdict).toBe('pass')
  })
})

test('being answered as somebody else fails, wherever it happens, and is no login that was kept', () => {
  expect(judged({})('answeredAsAnother')).toMatchObject({ value: 0, verdict: 'pass' })
  const found = judged({
    timeline: { ...calm.timeline, slices: [slice(10, 0, 0), slice(7, 0, 5, 2)] },
    users: [active(everywhere, known(0, 3)), idle(everywhere, everywhere)],
    loginRequests: slice(2, 0, 0, 1),
  })
  expect(found('answeredAsAnother')).toMatchObject({
    value: 6,
    verdict: 'fail',
    note: '6 of 40 answers named another user',
  })
  expect(found('survivedShare')).toMatchObject({ value: 0.5, verdict: 'fail' })
})

describe('the trials', () => {
  const strategy = (name: string, ...needs: 'redis'[]) =>
    ({ name, summary: '', needs, routing: 'round-robin' }) as const
  const strategies = [strategy('x'), strategy('y', 'redis')]
  const planned = (preset: Preset, only: boolean) =>
    restartSurvival
      .trials({ strategies, control: strategy('control'), replicas: 3, preset }, only)
      .map(({ id, sideBySide, faults }) => ({
        id,
        alone: sideBySide === 1,
        faults: faults.map(({ name }) => name),
      }))

  test.each(presets)('put every fault to every strategy (%s)', (preset) => {
    for (const only of [false, true]) {
      const trials = planned(preset, only)
      expect(new Set(trials.map(({ id }) => id)).size).toBe(trials.length)
      for (const { name, needs } of strategies) {
        const own = trials.filter(({ id }) => id === name || id.startsWith(`${name}-`))
        const each = Map.groupBy(
          own.flatMap(({ faults }) => faults),
          (fault) => fault,
        )
        expect([...each.keys()].sort()).toEqual(
          faultsFor({ needs })
            .map((fault) => fault.name)
            .sort(),
        )
        for (const times of each.values()) expect(times).toHaveLength(preset === 'thorough' ? 3 : 1)
      }
    }
  })

  test('are alone where no other experiment needs the time, and in the preset thorough', () => {
    for (const preset of presets) {
      expect(planned(preset, true).every(({ alone }) => alone)).toBe(true)
    }
    expect(planned('thorough', false).every(({ alone }) => alone)).toBe(true)
    expect(planned('quick', false).some(({ alone }) => alone)).toBe(false)
  })

  test('in the default preset, the crash is alone and all else beside other trials', () => {
    const alone = planned('default', false).filter((one) => one.alone)
    expect(alone).toEqual([
      { id: 'x-in-quiet', alone: true, faults: ['crash'] },
      { id: 'y-in-quiet', alone: true, faults: ['crash'] },
    ])
  })
})
