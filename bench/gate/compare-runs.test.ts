/** What counts as a change between two runs, and what is refused as not comparable. */
import { describe, expect, test } from 'vitest'
import { loginPersistence } from '../experiments/login-persistence.ts'
import type { Finding } from '../record/finding.ts'
import type { RunRecord } from '../record/run-record.ts'
import { runRecordWith } from '../testing/run-record.ts'
import { type ComparedFinding, compareRuns } from './compare-runs.ts'
import { comparisonFormats } from './comparison-formats.ts'
import { renderComparison } from './render-comparison.ts'
import type { SavedRun } from './saved-run.ts'

const cpu = 'cpuMicrosPerRequest.replica'

function row(strategy: string, metric: string, value: number | null, change: Partial<Finding> = {}): Finding {
  const about = { strategy, experiment: 'throughput', case: 'me-paced', unit: 'µs' as const }
  return { ...about, metric, value, low: null, high: null, verdict: 'pass', note: '', ...change }
}

/** A run whose trials measured this CPU time per request of redis and of the control. */
function costRun(trials: readonly (readonly [number, number])[], change: Partial<RunRecord> = {}): SavedRun {
  const findings = trials.map(([redis, control]) => [row('redis', cpu, redis), row('control', cpu, control)])
  return { record: runRecordWith(change), findings: findings[0]!, trials: findings }
}

function shareRun(finding: Partial<Finding>, change: Partial<RunRecord> = {}): SavedRun {
  const about = { experiment: 'login-persistence', case: '3', unit: 'share' as const }
  const findings = [row('redis', 'recognisedShare', 1, { ...about, ...finding })]
  return { record: runRecordWith(change), findings, trials: [findings] }
}

const only = (rows: readonly ComparedFinding[], strategy = 'redis') =>
  rows.find((each) => each.strategy === strategy && each.metric !== 'none')!
const compare = (before: SavedRun, after: SavedRun) => compareRuns(before, after, 'control')

const steady = [
  [200, 100],
  [202, 100],
  [198, 100],
] as const

describe('trials that failed', () => {
  const failed = (value: number) =>
    row('redis', 'trialFailed', value, {
      case: 'trials',
      unit: 'count',
      verdict: value === 0 ? 'pass' : 'fail',
      note: `${value} of 3 trials${value === 0 ? '' : ': no login\n  at once'}`,
    })
  const runOf = (...findings: Finding[]): SavedRun => ({
    record: runRecordWith(),
    findings,
    trials: [findings],
  })

  test('are worse where there was none, and better the other way round', () => {
    const change = (before: number, after: number) =>
      only(compare(runOf(failed(before)), runOf(failed(after))).findings)
    expect(change(0, 1)).toMatchObject({ metric: 'trialFailed', before: 0, after: 1, change: 'worse' })
    expect(change(1, 0).change).toBe('better')
    expect(change(1, 2).change).toBe('~')
  })

  test('are why there is nothing to compare with', () => {
    const whole = runOf(failed(0), row('redis', cpu, 200))
    const broken = runOf(failed(3))
    const why = (before: SavedRun, after: SavedRun) =>
      compare(before, after).findings.find(({ metric }) => metric === cpu)
    expect(why(whole, broken)).toMatchObject({
      change: 'not comparable',
      reason: 'only in the first run, as redis failed in the other: 3 of 3 trials: no login',
    })
    expect(why(broken, whole)?.reason).toBe(
      'only in the second run, as redis failed in the other: 3 of 3 trials: no login',
    )
  })
})

describe('costs', () => {
  test('a run compared with itself shows no change', () => {
    expect(only(compare(costRun(steady), costRun(steady)).findings)).toMatchObject({
      change: '~',
      ratio: { estimate: 1 },
    })
  })

  test('a drift that fell on the control as well is no change, nor is it one of the control', () => {
    const drifted = steady.map(([a, b]) => [a * 1.2, b * 1.2] as const)
    const { findings } = compare(costRun(steady), costRun(drifted))
    expect(only(findings)).toMatchObject({ basis: 'ratio to control', change: '~', before: 200, after: 240 })
    expect(only(findings, 'control')).toMatchObject({ basis: 'value', change: '~' })
  })

  test.each([
    ['redis', 1.04, '~'],
    ['redis', 1.1, 'worse'],
    ['redis', 0.96, '~'],
    ['redis', 0.9, 'better'],
    ['control', 1.2, '~'],
    ['control', 1.3, 'worse'],
    ['control', 0.85, '~'],
    ['control', 0.75, 'better'],
  ])('two sessions differ anyway, however steady each is: %s times %f is %s', (strategy, factor, change) => {
    const changed = steady.map(([redis, control]) =>
      strategy === 'redis' ? ([redis * factor, control] as const) : ([redis, control * factor] as const),
    )
    const { findings } = compare(costRun(steady), costRun(changed))
    expect(only(findings, strategy).change).toBe(change)
  })

  test('more CPU time is worse, less is better, with the interval of the change', () => {
    const dearer = steady.map(([a, b]) => [a * 1.3, b] as const)
    const worse = only(compare(costRun(steady), costRun(dearer)).findings)
    expect(worse.change).toBe('worse')
    expect(worse.ratio?.estimate).toBeCloseTo(1.3)
    expect(worse.ratio?.low).toBeGreaterThan(1.2)
    expect(only(compare(costRun(dearer), costRun(steady)).findings).change).toBe('better')
  })

  test.each([
    ['other machine: 2 and 4 cores', { machine: { ...runRecordWith().machine, cores: 4 } }],
    ['other Node: 24.21.0 and 20.1.0', { versions: { node: '20.1.0' } }],
    ['other preset: quick and thorough', { preset: 'thorough' as const }],
    ['other number of replicas: 3 and 2', { replicas: 2 }],
    ['other driver: local and compose', { driver: 'compose' }],
    [
      'other strategies under the same load (give both runs the same --strategies): memory,redis and redis',
      { strategies: runRecordWith().strategies.slice(1) },
    ],
  ])('%s', (reason, change) => {
    const comparison = compare(costRun(steady), costRun(steady, change))
    expect(only(comparison.findings)).toMatchObject({ change: 'not comparable', reason, ratio: null })
    expect(comparison.differences).toContain(reason)
  })

  test('the order of the strategies is no difference', () => {
    const turned = { strategies: runRecordWith().strategies.toReversed() }
    expect(compare(costRun(steady), costRun(steady, turned)).differences).toEqual([])
  })

  test('an hour apart, the control itself is not compared, ratios to it are', () => {
    const later = costRun(steady, { startedAt: '2026-01-02T05:04:05.678Z' })
    const { findings } = compare(costRun(steady), later)
    expect(only(findings).change).toBe('~')
    expect(only(findings, 'control')).toMatchObject({
      change: 'not comparable',
      reason: expect.stringContaining('an hour apart'),
    })
  })

  test('a single trial, a doubtful value and a missing one are no ground for a verdict', () => {
    const single = compare(costRun(steady.slice(0, 1)), costRun(steady)).findings
    expect(only(single).reason).toContain('a single trial')
    const doubtful: SavedRun = {
      ...costRun(steady),
      findings: [row('redis', cpu, 200, { verdict: 'unknown', note: 'late' })],
    }
    expect(only(compare(doubtful, costRun(steady)).findings).reason).toBe('first run: late')
    expect(only(compare({ ...costRun(steady), findings: [] }, costRun(steady)).findings).reason).toBe(
      'only in the second run',
    )
  })

  test('the store, which the control does not have, is compared as it is', () => {
    const store = (micros: number): SavedRun => {
      const trials = [1, 1.01, 0.99].map((noise) => [
        row('redis', 'cpuMicrosPerRequest.store', micros * noise),
        row('control', 'cpuMicrosPerRequest.store', 0),
      ])
      return { record: runRecordWith(), findings: trials[0]!, trials }
    }
    const { findings } = compare(store(40), store(80))
    expect(only(findings)).toMatchObject({ basis: 'value', change: 'worse' })
    expect(only(findings, 'control').change).toBe('~')
  })

  test('the audit of the generator is not compared', () => {
    const audit = [row('redis', 'generatorCpuShare', 0.3)]
    const run = { ...costRun(steady), findings: audit, trials: [audit] }
    expect(compare(run, run).findings).toEqual([])
  })
})

describe('logins', () => {
  test('a single lost login is worse, on any machine and whatever was measured beside it', () => {
    const after = shareRun(
      { value: 0.999, verdict: 'fail' },
      { versions: { node: '22.0.0' }, strategies: runRecordWith().strategies.slice(1) },
    )
    expect(only(compare(shareRun({}), after).findings).change).toBe('worse')
    expect(only(compare(after, shareRun({})).findings).change).toBe('better')
  })

  test('known under load, and known to nobody any more: worse, although a measured value passes', () => {
    const underLoad = (value: number, low: number | null = null, high: number | null = null) => {
      const findings = [row('redis', 'recognisedShare', value, { unit: 'share', low, high })]
      return { record: runRecordWith(), findings, trials: [findings] }
    }
    expect(only(compare(underLoad(1), underLoad(0)).findings).change).toBe('worse')
    expect(only(compare(underLoad(0), underLoad(1)).findings).change).toBe('better')
    expect(only(compare(underLoad(1), underLoad(1)).findings).change).toBe('~')
    expect(only(compare(underLoad(0.33, 0.3, 0.36), underLoad(0.2, 0.18, 0.22)).findings).change).toBe(
      'worse',
    )
  })

  test('a third of the pages known, and then none: worse, by what both visits say', () => {
    const visits = (pages: readonly ('ok' | 'logged-out')[]): SavedRun => {
      const reading = Array.from({ length: 6 }, () => [...pages])
      const findings = loginPersistence.judge([
        [{ strategy: 'redis', replicas: 3, reading, writing: [], logouts: [], answers: 18, asAnother: 0 }],
      ])
      return { record: runRecordWith(), findings, trials: [findings] }
    }
    const before = visits(['ok', 'logged-out', 'logged-out'])
    const shares = (rows: readonly ComparedFinding[]) =>
      rows.find(({ metric }) => metric === 'recognisedShare')
    expect(
      shares(compare(before, visits(['logged-out', 'logged-out', 'logged-out'])).findings),
    ).toMatchObject({ change: 'worse' })
    expect(shares(compare(before, before).findings)).toMatchObject({ change: '~' })
  })

  test('two thirds that survived one fault, and then none: worse, although one fault has no interval', () => {
    const survived = (value: number) => shareRun({ value, low: null, high: null, verdict: 'fail' })
    expect(only(compare(survived(2 / 3), survived(0)).findings).change).toBe('worse')
    expect(only(compare(survived(0), survived(2 / 3)).findings).change).toBe('better')
    expect(only(compare(survived(2 / 3), survived(0.6)).findings).change).toBe('~')
  })

  test('what failed before has changed only when the intervals lie apart', () => {
    const failing = (value: number, low: number, high: number) =>
      shareRun({ value, low, high, verdict: 'fail' })
    expect(only(compare(failing(0.5, 0.3, 0.7), failing(0.4, 0.2, 0.6)).findings).change).toBe('~')
    expect(only(compare(failing(0.5, 0.4, 0.6), failing(0.2, 0.1, 0.3)).findings).change).toBe('worse')
  })
})

test.each(comparisonFormats)('the %s names both runs, the change, the reasons and the margins', (format) => {
  const dearer = steady.map(([a, b]) => [a * 1.3, b] as const)
  const comparison = compare(
    costRun(steady),
    costRun(dearer, { id: 'second', startedAt: '2026-01-02T05:04:05.678Z' }),
  )
  const text = renderComparison(comparison, format)
  for (const part of ['2026-01-02-030405-abcd', 'second', cpu, 'worse', 'an hour apart']) {
    expect(text).toContain(part)
  }
  if (format === 'json') {
    expect(JSON.parse(text)).toMatchObject({
      margins: { 'ratio to control': 0.05, value: 0.25 },
      findings: [{ change: 'worse' }, {}],
    })
  } else {
    expect(text).toMatch(/two sessions may with the same code \(5 %, or 25 %/)
  }
})

test('the text fits into 80 columns, each part of a table with its metric', () => {
  const comparison = compare(
    costRun(steady),
    costRun(
      steady.map(([a, b]) => [a * 1.3, b] as const),
      { id: 'a-second-run-with-a-name-so-long-that-all-of-it-does-not-fit' },
    ),
  )
  const lines = renderComparison(comparison, 'text', 80).split('\n')
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  const whole = renderComparison(comparison, 'text').split('\n')
  expect(Math.max(...whole.map((line) => line.length))).toBeGreaterThan(80)
  expect(lines.filter((line) => line.includes(cpu)).length).toBeGreaterThanOrEqual(
    whole.filter((line) => line.includes(cpu)).length,
  )
})
