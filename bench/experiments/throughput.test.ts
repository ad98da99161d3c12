/** Holds the judgement of throughput to hand-made windows. */
import { expect, test } from 'vitest'
import { finding } from '../record/finding.ts'
import { throughput } from './throughput.ts'

type Raw = Parameters<typeof throughput.judge>[0][number]
type Window = Raw['windows'][number]

const generator = {
  cpuShare: 0.4,
  cpuMicros: 80_000,
  runDelayMicros: 0,
  eventLoopDelayP99Ms: 6,
  sendLag: null,
}

const lagOf = (ms: number) => ({ count: 1_000, p50Ms: ms, p90Ms: ms, p95Ms: ms, p99Ms: ms, maxMs: ms })

function window(strategy: string, change: Partial<Window> = {}): Window {
  return {
    strategy,
    kind: 'saturated',
    mix: 'me',
    round: 1,
    elapsedMs: 500,
    answered: 1_000,
    recognised: 1_000,
    failed: 0,
    answeredAsAnother: null,
    latency: { count: 1_000, p50Ms: 4, p90Ms: 7, p95Ms: 8, p99Ms: 10, maxMs: 30 },
    cpuMicros: { replica: 300_000, nginx: 100_000, store: 0 },
    generator,
    generatorRequests: 1_000,
    ...change,
  }
}

const rounded = (value: number | null) => (value === null ? null : Number(value.toPrecision(12)))

function judged(...trials: readonly (readonly Window[])[]) {
  const raws: Raw[] = trials.map((windows) => ({
    control: 'control',
    windows: [...windows],
    memory: [...new Set(windows.map(({ strategy }) => strategy))].map((strategy) => ({
      strategy,
      bytesPerReplica: 100,
    })),
  }))
  for (const raw of raws) expect(throughput.raw.parse(raw)).toEqual(raw)
  // A geometric mean goes through logarithms and comes back with an error in the last digits.
  const rows = throughput.judge(raws).map((row) => ({ ...row, value: rounded(row.value) }))
  for (const row of rows) finding.parse(row)
  return (metric: string, strategy = 'x', about = 'me-saturated') =>
    rows.find((row) => row.strategy === strategy && row.case === about && row.metric === metric)
}

test('one answer that names another user fails, where answers were looked into', () => {
  const paced = (strategy: string, asAnother: number) =>
    window(strategy, { kind: 'paced', answeredAsAnother: asAnother })
  const found = judged(
    [paced('x', 0), window('x'), paced('y', 0)],
    [paced('x', 1), window('x'), paced('y', 0)],
  )
  expect(found('answeredAsAnother', 'x', 'me-paced')).toMatchObject({
    value: 1,
    unit: 'count',
    verdict: 'fail',
    note: '1 of 2000 answers named another user',
  })
  expect(found('answeredAsAnother', 'y', 'me-paced')).toMatchObject({ value: 0, verdict: 'pass' })
  expect(found('answeredAsAnother', 'x', 'me-saturated')).toBeUndefined()
})

test('figures of one window are its own, and one trial has no interval', () => {
  const found = judged([window('control', { answered: 2_000 }), window('x')])
  expect(found('requestsPerSecond')).toMatchObject({
    value: 2_000,
    unit: '1/s',
    low: null,
    high: null,
    verdict: 'pass',
  })
  expect(found('requestsPerSecond')?.note).toBe('one trial: no interval')
  expect(found('ratioToControl')).toMatchObject({ value: 0.5, unit: 'ratio' })
  expect(found('latencyP99Ms')).toMatchObject({ value: 10, unit: 'ms' })
  expect(found('cpuMicrosPerRequest.replica')).toMatchObject({ value: 300, unit: 'µs' })
  expect(found('cpuMicrosPerRequest.nginx')?.value).toBe(100)
  expect(found('cpuMicrosPerRequest.store')?.value).toBe(0)
  expect(found('cpuMicrosPerRequest.total')?.value).toBe(400)
  expect(found('cpuMicrosPerRequest.generator')?.value).toBe(80)
  expect(found('recognisedShare')?.value).toBe(1)
  expect(found('generatorCpuShare')?.value).toBeCloseTo(0.4)
  expect(found('memoryBytesPerReplica', 'x', 'after-all')).toMatchObject({ value: 100, unit: 'bytes' })
})

test('the control is not compared with itself', () => {
  const found = judged([window('control'), window('x')])
  expect(found('requestsPerSecond', 'control')?.value).toBe(2_000)
  expect(found('ratioToControl', 'control')).toBeUndefined()
  expect(found('cpuRatioToControl', 'control', 'me-paced')).toBeUndefined()
})

test('a ratio is taken round by round, so that a machine that slows down falls on both', () => {
  const found = judged([
    window('control', { round: 1, answered: 2_000 }),
    window('x', { round: 1, answered: 1_000 }),
    window('x', { round: 2, answered: 100 }),
    window('control', { round: 2, answered: 200 }),
  ])
  expect(found('ratioToControl')?.value).toBeCloseTo(0.5)
  expect(found('requestsPerSecond')?.value).toBe(1_100)
})

test('the trial is the unit: its interval comes from the trials, not from the windows', () => {
  const found = judged(
    ...[900, 1_000, 1_100].map((answered) => [
      window('control', { answered: 2_000 }),
      window('x', { answered }),
    ]),
  )
  const ratio = found('ratioToControl')!
  expect(ratio.value).toBeCloseTo(Math.cbrt(0.45 * 0.5 * 0.55), 10)
  expect(ratio.low).toBeLessThan(0.45)
  expect(ratio.high).toBeGreaterThan(0.55)
  // Geometric: as far below as above, as factors.
  expect(ratio.value! / ratio.low!).toBeCloseTo(ratio.high! / ratio.value!, 10)
  expect(ratio.note).toBe('')
})

test('a window in which the generator was the bottleneck gets no verdict, and says so', () => {
  const busy = { generator: { ...generator, cpuShare: 0.97 } }
  const found = judged([window('control'), window('x', busy)], [window('control'), window('x')])
  expect(found('requestsPerSecond')).toMatchObject({ value: 2_000, verdict: 'unknown' })
  expect(found('requestsPerSecond')?.note).toBe('the load generator was the bottleneck (97 % of a core)')
  expect(found('requestsPerSecond', 'control')?.verdict).toBe('pass')
})

test('a ratio to a control whose own windows are in doubt is in doubt as well', () => {
  const busy = { generator: { ...generator, cpuShare: 0.97 } }
  const found = judged([window('control', busy), window('x')])
  expect(found('requestsPerSecond')?.verdict).toBe('pass')
  expect(found('ratioToControl')).toMatchObject({ verdict: 'unknown' })
  expect(found('ratioToControl')?.note).toContain('bottleneck')
})

test('paced windows have a lag and a CPU ratio of their own', () => {
  const paced = (strategy: string, replica: number, sendLagP99Ms: number) =>
    window(strategy, {
      kind: 'paced',
      round: 0,
      cpuMicros: { replica, nginx: 100_000, store: 0 },
      generator: { ...generator, sendLag: lagOf(sendLagP99Ms) },
    })
  const punctual = judged([paced('control', 100_000, 2), paced('x', 300_000, 2)])
  expect(punctual('cpuRatioToControl', 'x', 'me-paced')).toMatchObject({ value: 2, verdict: 'pass' })
  expect(punctual('generatorSendLagP99Ms', 'x', 'me-paced')?.value).toBe(2)
  const late = judged([paced('control', 100_000, 90), paced('x', 300_000, 90)])
  expect(late('latencyP99Ms', 'x', 'me-paced')).toMatchObject({ value: 10, verdict: 'unknown' })
  expect(late('latencyP99Ms', 'x', 'me-paced')?.note).toContain('sent late')
})

test('CPU time that one tier does not tell is unknown for that tier and the total, and for nothing else', () => {
  const untold = { cpuMicros: { replica: 300_000, nginx: null, store: 0 } }
  const found = judged([window('control'), window('x', untold)])
  for (const metric of ['cpuMicrosPerRequest.nginx', 'cpuMicrosPerRequest.total']) {
    expect(found(metric), metric).toMatchObject({ value: null, verdict: 'unknown' })
    expect(found(metric)?.note, metric).not.toBe('')
  }
  expect(found('cpuMicrosPerRequest.replica')).toMatchObject({ value: 300, verdict: 'pass' })
})

test('one trial that could not be measured leaves the metric unknown: the others are not shown for the whole', () => {
  const none = {
    answered: 0,
    recognised: 0,
    failed: 0,
    answeredAsAnother: null,
    latency: { count: 0, p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null, maxMs: null },
  }
  const found = judged([window('control'), window('x')], [window('control'), window('x', none)])
  expect(found('latencyP50Ms')).toMatchObject({ value: null, verdict: 'unknown' })
  expect(found('ratioToControl')).toMatchObject({ value: null, verdict: 'unknown' })
})

test('requests that failed are counted, and cost CPU time as well', () => {
  const found = judged([window('control'), window('x', { answered: 600, recognised: 300, failed: 400 })])
  expect(found('failedRequests')).toMatchObject({ value: 400, unit: 'count' })
  expect(found('recognisedShare')?.value).toBe(0.5)
  expect(found('cpuMicrosPerRequest.replica')?.value).toBe(300)
})

test('without a trial there is nothing to say', () => {
  expect(throughput.judge([])).toEqual([])
})
