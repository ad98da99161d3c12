/** Holds the judgement of throughput to hand-made windows. */
import { describe, expect, test } from 'vitest'
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
    recognised: change.answered ?? 1_000,
    failed: 0,
    answeredAsAnother: null,
    latency: { count: 1_000, p50Ms: 4, p90Ms: 7, p95Ms: 8, p99Ms: 10, maxMs: 30 },
    spanMs: 500,
    cpuMicros: { replica: 300_000, nginx: 100_000, store: 0 },
    machine: { cores: 1, busyMicros: 490_000, stealMicros: 0 },
    generator,
    generatorRequests: 1_000,
    ...change,
  }
}

const rounded = (value: number | null) => (value === null ? null : Number(value.toPrecision(12)))

const warm = { requestsPerReplica: 20_000, costMicros: [50, 50, 50, 50, 50, 50], flat: true, change: 0 }

interface Change {
  /** Of single clusters. */
  readonly warmUp?: Readonly<Record<string, Partial<typeof warm>>>
}

/** A window that stands for itself is that of every round: fewer do not show that costs rest. */
function inRounds(windows: readonly Window[]): Window[] {
  const saturated = windows.filter(({ kind }) => kind === 'saturated')
  const isAlone = new Set(saturated.map(({ round }) => round)).size === 1
  return windows.flatMap((each) =>
    each.kind === 'saturated' && each.round === 1 && isAlone
      ? [1, 2, 3, 4].map((round) => ({ ...each, round }))
      : [each],
  )
}

function judgedWith({ warmUp = {} }: Change, trials: readonly (readonly Window[])[]) {
  const raws: Raw[] = trials.map(inRounds).map((windows) => {
    const names = [...new Set(windows.map(({ strategy }) => strategy))]
    return {
      control: 'control',
      twin: 'twin',
      replicas: 2,
      warmUp: names.map((strategy) => ({ strategy, ...warm, ...warmUp[strategy] })),
      windows: [...windows],
      memory: names.map((strategy) => ({ strategy, bytesPerReplica: 100 })),
    }
  })
  for (const raw of raws) expect(throughput.raw.parse(raw)).toEqual(raw)
  // A geometric mean goes through logarithms and comes back with an error in the last digits.
  const rows = throughput.judge(raws).map((row) => ({ ...row, value: rounded(row.value) }))
  for (const row of rows) finding.parse(row)
  return (metric: string, strategy = 'x', about = 'me-saturated') =>
    rows.find((row) => row.strategy === strategy && row.case === about && row.metric === metric)
}

const judged = (...trials: readonly (readonly Window[])[]) => judgedWith({}, trials)

/** As many trials as it takes for an interval, each a little different: 1 % more or less. */
const repeated = (windows: (factor: number) => readonly Window[]) =>
  [0.99, 1, 1.01].map((factor) => windows(factor))

test('one answer that names another user fails, where answers were looked into', () => {
  const paced = (strategy: string, asAnother: number) =>
    window(strategy, { kind: 'paced', recognised: 1_000 - asAnother, answeredAsAnother: asAnother })
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

test('figures of one window are its own, and one trial has no interval and so no verdict', () => {
  const found = judged([window('control', { answered: 2_000 }), window('x')])
  expect(found('requestsPerSecond')).toMatchObject({
    value: 2_000,
    unit: '1/s',
    low: null,
    high: null,
    verdict: 'unknown',
    note: 'one trial: no interval',
  })
  expect(found('ratioToControl')).toMatchObject({ value: 0.5, unit: 'ratio' })
  expect(found('cpuMicrosPerRequest.replica')).toMatchObject({ value: 300, unit: 'µs' })
  expect(found('cpuMicrosPerRequest.nginx')?.value).toBe(100)
  expect(found('cpuMicrosPerRequest.store')?.value).toBe(0)
  expect(found('cpuMicrosPerRequest.total')?.value).toBe(400)
  expect(found('cpuMicrosPerRequest.generator')?.value).toBe(80)
  expect(found('cpuRatioToControl')).toMatchObject({ value: 2, unit: 'ratio' })
  expect(found('recognisedShare')?.value).toBe(1)
  expect(found('memoryBytesPerReplica', 'x', 'after-all')).toMatchObject({ value: 100, unit: 'bytes' })
  expect(found('warmUpRequestsPerReplica', 'x', 'after-all')).toMatchObject({ value: 20_000 })
})

test('the control is not compared with itself', () => {
  const found = judged([window('control'), window('x')])
  expect(found('requestsPerSecond', 'control')?.value).toBe(2_000)
  expect(found('ratioToControl', 'control')).toBeUndefined()
  expect(found('cpuRatioToControl', 'control')).toBeUndefined()
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

test('one round that was disturbed in one of its windows moves the ratio little', () => {
  const rounds = Array.from({ length: 9 }, (_, round) => [
    window('control', { round, answered: 2_000 }),
    window('x', { round, answered: round === 4 ? 100 : 1_000 + 10 * round }),
  ])
  expect(judged(rounds.flat())('ratioToControl')?.value).toBeCloseTo(0.52, 1)
})

test('the trial is the unit: its interval comes from the trials, not from the windows', () => {
  const found = judged(
    ...[950, 1_000, 1_050].map((answered) => [
      window('control', { answered: 2_000 }),
      window('x', { answered }),
    ]),
  )
  const ratio = found('ratioToControl')!
  expect(ratio.value).toBeCloseTo(Math.cbrt(0.475 * 0.5 * 0.525), 10)
  expect(ratio.low).toBeLessThan(0.475)
  expect(ratio.high).toBeGreaterThan(0.525)
  // Geometric: as far below as above, as factors.
  expect(ratio.value! / ratio.low!).toBeCloseTo(ratio.high! / ratio.value!, 10)
  expect(ratio).toMatchObject({ verdict: 'pass', note: '' })
})

test('an interval that reaches further than 20 % carries no verdict', () => {
  const found = judged(
    ...[800, 1_000, 1_200].map((answered) => [
      window('control', { answered: 2_000 }),
      window('x', { answered }),
    ]),
  )
  expect(found('ratioToControl')).toMatchObject({ verdict: 'unknown' })
  expect(found('ratioToControl')?.note).toMatch(/^the interval reaches \d+ % to either side$/)
})

describe('what speaks against a window', () => {
  const good = (round: number) => [window('control', { round }), window('x', { round })]
  const busyGenerator = { generator: { ...generator, cpuShare: 0.97 } }
  const idle = { cores: 1, busyMicros: 100_000, stealMicros: 0 }
  const busyNginx = { cpuMicros: { replica: 300_000, nginx: 480_000, store: 0 } }

  test.each<[string, Partial<Window>, RegExp]>([
    ['a generator that was the limit', busyGenerator, /generator was the bottleneck \(97 % of a core\)/],
    ['nginx that was the limit', busyNginx, /nginx was the limit \(96 % of a core\)/],
    ['requests that failed', { failed: 3 }, /^requests failed$/],
    ['a cluster that answered nobody', { answered: 0 }, /^no request was answered$/],
    [
      'a cluster that stood still, so that the machine was idle',
      { answered: 20, cpuMicros: { replica: 9_000, nginx: 3_000, store: 0 }, machine: idle },
      /^the machine was idle most of the time: the load did not saturate it; /,
    ],
  ])('%s: most windows so, no verdict', (_, change, reason) => {
    const found = judged(...repeated(() => [window('control'), window('x', change)]))
    for (const metric of ['requestsPerSecond', 'ratioToControl', 'cpuRatioToControl']) {
      expect(found(metric), metric).toMatchObject({ verdict: 'unknown' })
      expect(found(metric)?.note, metric).toMatch(reason)
    }
    expect(found('requestsPerSecond', 'control')?.verdict).toBe('pass')
  })

  test('a single round so is left out', () => {
    const failing = { answered: 1, failed: 600 }
    const still = { answered: 20, cpuMicros: { replica: 9_000, nginx: 3_000, store: 0 }, machine: idle }
    for (const frozen of [failing, still]) {
      const found = judged(
        ...repeated(() => [
          ...good(1),
          ...good(2),
          ...good(3),
          ...good(5),
          window('control', { round: 4 }),
          window('x', { round: 4, ...frozen }),
        ]),
      )
      expect(found('ratioToControl')).toMatchObject({ value: 1, verdict: 'pass' })
      expect(found('requestsPerSecond')).toMatchObject({ value: 2_000, verdict: 'pass' })
    }
  })

  test('a member that was frozen in most windows of one trial of three leaves no figure that passes', () => {
    const frozen = { answered: 0, recognised: 0, failed: 24 }
    const slow = { count: 240, p50Ms: 4_900, p90Ms: 5_400, p95Ms: 5_400, p99Ms: 5_500, maxMs: 5_500 }
    for (const who of ['control', 'x']) {
      const trial = (isFrozen: boolean) => {
        const of = (strategy: string, change: Partial<Window>) =>
          window(strategy, isFrozen && strategy === who ? { ...change, ...frozen } : change)
        return ['control', 'x'].flatMap((name) => [
          ...[1, 2, 3, 4].map((round) => of(name, { round })),
          of(name, { kind: 'paced', round: 0, ...(isFrozen && name === who && { latency: slow }) }),
        ])
      }
      const found = judged(trial(false), trial(true), trial(false))
      for (const metric of ['requestsPerSecond', 'recognisedShare', 'failedRequests', 'latencyP50Ms']) {
        expect(found(metric, who)?.verdict, `${metric} of ${who}`).toBe('unknown')
        expect(found(metric, who)?.note, `${metric} of ${who}`).toMatch(/requests failed/)
      }
      for (const metric of ['recognisedShare', 'failedRequests', 'latencyP50Ms', 'latencyP95Ms']) {
        expect(found(metric, who, 'me-paced')?.verdict, `${metric} of ${who}`).toBe('unknown')
        expect(found(metric, who, 'me-paced')?.note, `${metric} of ${who}`).toMatch(/24 .*requests failed/)
      }
      expect(found('ratioToControl')?.verdict).toBe('unknown')
      expect(found('cpuRatioToControl')?.verdict).toBe('unknown')
    }
  })

  test('a ratio to a control whose own windows are in doubt is in doubt as well', () => {
    const found = judged(...repeated(() => [window('control', busyGenerator), window('x')]))
    expect(found('ratioToControl')).toMatchObject({ verdict: 'unknown' })
    expect(found('ratioToControl')?.note).toContain('bottleneck')
  })

  test.each<[string, Partial<Window>, RegExp]>([
    [
      'other programs',
      { machine: { cores: 2, busyMicros: 900_000, stealMicros: 0 } },
      /other programs and the host had 42 %/,
    ],
    [
      'a host that takes the cores back',
      { machine: { cores: 1, busyMicros: 490_000, stealMicros: 150_000 } },
      /other programs and the host had 3\d %/,
    ],
    [
      'a machine that was idle',
      { machine: { cores: 4, busyMicros: 490_000, stealMicros: 0 } },
      /the machine was idle for 7\d %/,
    ],
    [
      'a store that was the limit',
      { cpuMicros: { replica: 100_000, nginx: 50_000, store: 250_000 } },
      /the store was the limit/,
    ],
    ['a system that does not tell', { machine: null }, /the limit is not known/],
  ])('%s had the machine: no verdict', (_, change, reason) => {
    const found = judged(...repeated(() => [window('control'), window('x', change)]))
    expect(found('ratioToControl')).toMatchObject({ verdict: 'unknown' })
    expect(found('ratioToControl')?.note).toMatch(reason)
  })

  test('who had the machine is told', () => {
    const found = judged(...repeated(() => [window('control'), window('x')]))
    const share = (who: string) => found(`machineShare.${who}`)?.value
    expect(share('replica')).toBeCloseTo(0.6)
    expect(share('nginx')).toBeCloseTo(0.2)
    expect(share('generator')).toBeCloseTo(0.16)
    expect(share('others')).toBeCloseTo(0.02)
    expect(share('idle')).toBeCloseTo(0.02)
  })
})

describe('a cluster that was not warm', () => {
  /** Four rounds, each of which costs so much less than the one before. */
  const cooling = (strategy: string, factor: number) =>
    [1, 2, 3, 4].map((round) =>
      window(strategy, {
        round,
        cpuMicros: { replica: 300_000 * factor ** round, nginx: 100_000, store: 0 },
      }),
    )
  const trials = (control: number, x: number) =>
    repeated(() => [...cooling('control', control), ...cooling('x', x)])

  test('has no costs', () => {
    const found = judged(...trials(1, 0.9))
    expect(found('cpuRatioToControl')).toMatchObject({ verdict: 'unknown' })
    expect(found('cpuRatioToControl')?.note).toBe(
      'not known to be warm after 20,000 requests per replica: CPU per request still moved by 19 % while it was measured',
    )
    expect(found('requestsPerSecond', 'control')?.verdict).toBe('pass')
    expect(found('recognisedShare')?.verdict).toBe('pass')
  })
  test('and as the control spoils every ratio', () => {
    expect(judged(...trials(0.9, 1))('ratioToControl')).toMatchObject({ verdict: 'unknown' })
  })
  test('is found where both get warmer alike as well', () => {
    expect(judged(...trials(0.85, 0.85))('ratioToControl')).toMatchObject({ verdict: 'unknown' })
    expect(judged(...trials(0.97, 0.97))('ratioToControl')).toMatchObject({ verdict: 'pass' })
  })
  test('is called cold when it was measured for too short to tell', () => {
    const short = repeated(() => [window('control', { round: 7 }), window('x', { round: 7 })])
    const found = judgedWith({ warmUp: { x: { requestsPerReplica: 200 } } }, short)
    expect(found('requestsPerSecond')?.note).toMatch(/^cold: too short to tell, after 200 requests/)
  })
})

describe('the twin', () => {
  const withTwin = (twin: readonly number[], x: number) =>
    judged(
      ...twin.map((answered) => [
        window('control', { answered: 2_000 }),
        window('twin', { answered }),
        window('x', { answered: x }),
        window('y', { answered: x * 1.02 }),
      ]),
    )
  test('is treated like a strategy', () => {
    const found = withTwin([1_980, 2_000, 2_020], 1_000)
    expect(found('ratioToControl', 'twin')).toMatchObject({ verdict: 'pass' })
    expect(found('ratioToControl', 'twin')?.value).toBeCloseTo(1)
    expect(found('ratioToControl')?.verdict).toBe('pass')
  })
  test('that strays too far takes the verdict from every ratio', () => {
    const found = withTwin([1_600, 2_000, 2_400], 1_000)
    expect(found('ratioToControl')).toMatchObject({ value: expect.closeTo(0.5, 1), verdict: 'unknown' })
    expect(found('ratioToControl')?.note).toMatch(
      /too noisy to compare: a second control could be \d+ % away/,
    )
    expect(found('requestsPerSecond')?.verdict).toBe('pass')
  })
  test('stands beside the control for every strategy: their geometric mean is what one is compared with', () => {
    const found = judged([
      window('control', { answered: 1_000 }),
      window('twin', { answered: 4_000 }),
      window('x', { answered: 1_000 }),
    ])
    expect(found('ratioToControl')?.value).toBeCloseTo(0.5)
    expect(found('ratioToControl', 'twin')?.value).toBeCloseTo(4)
  })
  test('is not compared with strategies', () => {
    const found = withTwin([1_980, 2_000, 2_020], 1_000)
    expect(found('requestsPerSecondBeside.y', 'twin')).toBeUndefined()
    expect(found('requestsPerSecondBeside.y', 'x')).toBeDefined()
  })
})

describe('strategies beside each other', () => {
  const clusters = (x: number, y: number) =>
    repeated((factor) => [
      window('control', { answered: 2_000 }),
      window('x', { answered: x }),
      window('y', { answered: Math.round(y * factor) }),
    ])
  test('are told apart when the range of their ratio leaves 1 out', () => {
    const found = judged(...clusters(1_000, 800))('requestsPerSecondBeside.y')!
    expect(found).toMatchObject({ unit: 'ratio', verdict: 'pass', note: '' })
    expect(found.value).toBeCloseTo(1.25, 2)
    expect(found.low).toBeGreaterThan(1)
  })
  test('and otherwise not', () => {
    const found = judged(...clusters(1_000, 1_005))('requestsPerSecondBeside.y')!
    expect(found).toMatchObject({ verdict: 'pass', note: 'cannot be told apart' })
    expect(found.low).toBeLessThan(1)
    expect(found.high).toBeGreaterThan(1)
  })
  test('CPU time is compared as well', () => {
    expect(judged(...clusters(1_000, 800))('cpuBeside.y')?.value).toBeCloseTo(0.8, 2)
  })
})

describe('latency at a steady rate', () => {
  const paced = (strategy: string, change: Partial<Window>) =>
    window(strategy, { kind: 'paced', round: 0, ...change })
  const latency = (count: number) => ({ count, p50Ms: 4, p90Ms: 7, p95Ms: 8, p99Ms: 10, maxMs: 30 })

  test('is shown at the quantiles that the sample carries', () => {
    const shown = (count: number) => {
      const found = judged([paced('x', { latency: latency(count) })])
      return ['P50', 'P90', 'P95', 'P99'].filter((name) => found(`latency${name}Ms`, 'x', 'me-paced'))
    }
    expect(shown(160)).toEqual(['P50', 'P90', 'P95'])
    expect(shown(800)).toEqual(['P50', 'P90', 'P95', 'P99'])
    expect(shown(5)).toEqual([])
  })
  test('of which more than a tenth is the generator’s own has no verdict', () => {
    const found = (lagMs: number) =>
      judged(...repeated(() => [paced('x', { generator: { ...generator, sendLag: lagOf(lagMs) } })]))(
        'latencyP50Ms',
        'x',
        'me-paced',
      )
    expect(found(0.2)).toMatchObject({ value: 4, verdict: 'pass' })
    expect(found(1)).toMatchObject({ value: 4, verdict: 'unknown' })
    expect(found(1)?.note).toBe("the load generator's own lag is 1.00 of 4.00 ms at p50")
  })
  test('what waking up for single requests costs stands under a name that says so', () => {
    const found = judged(...repeated(() => [paced('x', {})]))
    expect(found('cpuMicrosPerRequestAtLowRate.total', 'x', 'me-paced')).toMatchObject({ value: 400 })
    expect(found('cpuMicrosPerRequest.total', 'x', 'me-paced')).toBeUndefined()
  })
})

test('CPU time that one tier does not tell is unknown for that tier and the total, and for nothing else', () => {
  const untold = { cpuMicros: { replica: 300_000, nginx: null, store: 0 } }
  const found = judged(...repeated(() => [window('control'), window('x', untold)]))
  for (const metric of ['cpuMicrosPerRequest.nginx', 'cpuMicrosPerRequest.total']) {
    expect(found(metric), metric).toMatchObject({ value: null, verdict: 'unknown' })
    expect(found(metric)?.note, metric).not.toBe('')
  }
  expect(found('cpuMicrosPerRequest.replica')).toMatchObject({ value: 300 })
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
  expect(found('failedRequests')).toMatchObject({ value: 1_600, unit: 'count' })
  expect(found('recognisedShare')?.value).toBe(0.5)
  expect(found('cpuMicrosPerRequest.replica')?.value).toBe(300)
})

test('without a trial there is nothing to say', () => {
  expect(throughput.judge([])).toEqual([])
})

describe('the trials of a run', () => {
  const strategy = (name: string) => ({ name, summary: '', needs: [], routing: 'round-robin' }) as const
  const trialsWith = (replicas: number) =>
    throughput.trials(
      { strategies: [strategy('x')], control: strategy('control') as never, replicas, preset: 'default' },
      true,
    )
  test('have a second control in each', () => {
    for (const { clusters } of trialsWith(3)) {
      expect(clusters.map(({ strategy: { name }, as }) => as ?? name)).toEqual([
        'control',
        'control-twin',
        'x',
      ])
    }
  })
  test('take no more replicas than it takes', () => {
    const replicas = (of: number) =>
      new Set(trialsWith(of).flatMap(({ clusters }) => clusters.map((each) => each.replicas)))
    expect(replicas(3)).toEqual(new Set([2]))
    expect(replicas(1)).toEqual(new Set([1]))
  })
})
