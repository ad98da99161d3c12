/** The course of a gate with pairs that are made up: what it measures, when it stops, what it says. */
import { describe, expect, test } from 'vitest'
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import { ClusterError, EnvironmentError, UsageError } from '../errors.ts'
import { seededRandom } from '../stats/random.ts'
import type { Correctness } from './correctness.ts'
import { gateRecord, gateSchemaVersion } from './gate-record.ts'
import type { Instruments } from './instruments.ts'
import { defaultSettings } from './pair.ts'
import type { PairRecord, SideOfPair } from './pair-record.ts'
import { type GateRequest, planStrategies } from './plan-strategies.ts'
import { renderGateMarkdown, renderGateText } from './render-gate.ts'
import { runGate } from './run-gate.ts'
import { SideError } from './side.ts'
import { dearer, lagOf, pairWith, saturatedWith, sideWith } from './testing/pairs.ts'

const strategy = (name: string, needs: StrategyInfo['needs'] = []): StrategyInfo => ({
  name,
  summary: name,
  needs: name === 'redis' ? ['redis'] : needs,
  routing: 'round-robin',
})
const side = (names: readonly string[], needs?: StrategyInfo['needs']) => ({
  strategies: [...names, 'control'].map((name) => strategy(name, needs)),
})

const kept: Correctness = { falls: [], compared: 18 }
const fallen: Correctness = {
  falls: [
    {
      experiment: 'login-persistence',
      case: '3',
      metric: 'logoutEffectiveShare',
      base: 1,
      head: 0,
      note: '0 of 12',
    },
  ],
  compared: 18,
}

interface Scene {
  readonly base?: readonly string[]
  readonly head?: readonly string[]
  readonly maxTimeMs?: number
  readonly pairMs?: number
  readonly correctness?: Correctness
  /** Instead of that. */
  checkLogins?(): Promise<Correctness>
  /** What every strategy of head needs; otherwise what base does. */
  readonly headNeeds?: StrategyInfo['needs']
  /** By how many attempts each of them fails. */
  failing?(attempt: number): 'base' | 'head' | null
  readonly tolerance?: number
  /** Head's side of a pair; the other has noise as well. */
  pair?(name: string, index: number): Partial<SideOfPair>
  /** What else of a pair is other than usual. */
  whole?(index: number): Partial<PairRecord>
}

/** A gate on made-up pairs, with noise of 1.8 % between them. */
async function gateOf(scene: Scene) {
  const { base = ['redis'], head = ['redis'], maxTimeMs = 400_000, pairMs = 8_000 } = scene
  const request: GateRequest = {
    strategies: head,
    control: 'control',
    tolerance: scene.tolerance ?? 0.025,
    maxTimeMs,
    settings: defaultSettings,
    replicas: 3,
    seed: 1,
  }
  const random = seededRandom(7)
  const plans = planStrategies({ base: side(base), head: side(head, scene.headNeeds) }, request, random)
  let nowMs = 0
  let attempt = 0
  const measured: string[] = []
  const noise = () => 1 + 0.018 * (random.next() + random.next() + random.next() + random.next() - 2) * 1.7
  const instruments: Instruments = {
    now: () => nowMs,
    checkLogins: scene.checkLogins ?? (async () => scene.correctness ?? kept),
    checkAlone: async () => ({ falls: [], compared: 0 }),
    async measurePair({ name }, index) {
      nowMs += pairMs
      measured.push(name)
      const fails = scene.failing?.(attempt++) ?? null
      if (fails !== null) throw new SideError(fails, `${name} does not run`, new Error('out of ports'))
      const given = sideWith(scene.pair?.(name, index))
      const noisy = (micros: number | null) => (micros === null ? null : micros * noise())
      const saturated = given.saturated.map((window) => {
        const { replica, nginx, store } = window.cpuMicros
        return {
          ...window,
          cpuMicros: { replica: noisy(replica), nginx: noisy(nginx), store: noisy(store) },
          replicaMainThreadMicros: noisy(window.replicaMainThreadMicros),
        }
      })
      return pairWith({ ...given, saturated }, { strategy: name, index, ...scene.whole?.(index) })
    },
  }
  const outcome = await runGate(
    plans,
    base.filter((name) => !head.includes(name)),
    request,
    instruments,
    {
      note: () => {},
      pair: () => {},
    },
  )
  const record = gateRecord.parse({
    schemaVersion: gateSchemaVersion,
    id: 'a-gate',
    startedAt: '2026-01-02T03:04:05.678Z',
    argv: [],
    seed: 1,
    base: { commit: '0123456789abcdef', described: 'where it left main' },
    head: { commit: 'fedcba9876543210', dirty: true },
    replicas: 3,
    maxTimeMs,
    versions: {},
    machine: { platform: 'linux-x64', cpuModel: 'Some CPU', cores: 2, memoryBytes: 2 ** 33, loadBefore: 0 },
    ...outcome,
  })
  return { ...outcome, measured, record }
}

test('an unchanged head is fine, and found to be so before the time is up', async () => {
  const { verdict, strategies, timing } = await gateOf({})
  expect(verdict).toBe('fine')
  expect(strategies[0]).toMatchObject({ name: 'redis', status: 'compared', note: '' })
  expect(strategies[0]?.metrics.every((metric) => metric.verdict === 'fine')).toBe(true)
  expect(timing.wallMs).toBeLessThan(400_000)
})

test('ten per cent more CPU time in the replica is worse, and says where', async () => {
  const { verdict, strategies, record } = await gateOf({ pair: () => dearer(1.1) })
  expect(verdict).toBe('worse')
  const worse = strategies[0]!.metrics.filter((metric) => metric.verdict === 'worse').map(({ name }) => name)
  expect(worse).toContain('cpuMicrosPerRequest.replicaMainThread')
  expect(worse).not.toContain('cpuMicrosPerRequest.nginx')
  for (const text of [renderGateText(record), renderGateMarkdown(record)]) {
    expect(text).toContain('worse than base: redis')
    expect(text).toContain('cpuMicrosPerRequest.replicaMainThread +')
    expect(text).toContain('with uncommitted changes')
  }
})

test('header bytes, which repeat exactly, are found with the fewest pairs', async () => {
  const { verdict, measured } = await gateOf({
    pair: () => ({ wire: { sent: 160_000, received: 570_000 } }),
  })
  expect(verdict).toBe('worse')
  expect(measured).toHaveLength(6)
})

test('lost logins end the gate before costs are looked at', async () => {
  const { verdict, measured, record } = await gateOf({ correctness: fallen })
  expect(verdict).toBe('worse')
  expect(measured).toEqual([])
  expect(renderGateMarkdown(record)).toContain('logoutEffectiveShare fell from 100 % to 0 %')
})

describe('logins lost under load', () => {
  const someLost = { recognised: 999 }
  test('in two pairs one after the other are worse, were it one request of a thousand', async () => {
    const { verdict, measured, record } = await gateOf({ pair: (_, index) => (index < 2 ? {} : someLost) })
    expect(verdict).toBe('worse')
    expect(measured).toHaveLength(4)
    expect(renderGateMarkdown(record)).toContain('recognisedShare fell from 100 % to 99.9 %')
    expect(renderGateMarkdown(record)).toContain('1 of 1000 requests were not answered with 200')
  })
  test('now and then, as a connection breaks, are not', async () => {
    const { verdict } = await gateOf({ pair: (_, index) => (index % 2 === 0 ? {} : someLost) })
    expect(verdict).toBe('fine')
  })
  test('where base loses as many are no fault of head', async () => {
    const { verdict } = await gateOf({ pair: () => someLost, whole: () => ({ base: sideWith(someLost) }) })
    expect(verdict).toBe('fine')
  })
  test('are all found, also where base loses one', async () => {
    const whole = () => ({ base: sideWith({ recognised: 999 }) })
    const { verdict, measured } = await gateOf({ pair: () => ({ recognised: 0 }), whole })
    expect(verdict).toBe('worse')
    expect(measured).toHaveLength(2)
    // Slowly, as well: 20 of a thousand are too few to be told from one in a single pair.
    const few = await gateOf({ pair: () => ({ recognised: 991 }), whole })
    expect(few.verdict).toBe('worse')
    expect(few.strategies[0]!.correctness.falls).toEqual([])
    expect(few.strategies[0]!.metrics.filter((metric) => metric.verdict === 'worse')).toMatchObject([
      { name: 'recognisedShare', tolerance: 0.005 },
    ])
  })
  test.each([
    ['answers with a server error', { answered: 980, recognised: 980 }, ['answeredShare', 'recognisedShare']],
    ['does not know its users', { recognised: 980 }, ['recognisedShare']],
  ])(
    'a head that %s in every other pair is not fine, whatever it costs and --tolerance accepts',
    async (_, lost, named) => {
      const { verdict, strategies } = await gateOf({
        tolerance: 0.5,
        pair: (_name, index) => (index % 2 === 0 ? {} : { ...lost, ...dearer(0.5) }),
      })
      expect(verdict).not.toBe('fine')
      const open = strategies[0]!.metrics.filter((metric) => metric.verdict !== 'fine')
      expect(open.map(({ name }) => name)).toEqual(named)
    },
  )
  test('a single answer that names somebody else is worse at once', async () => {
    const { verdict, measured, record } = await gateOf({
      pair: (_, index) => (index === 2 ? { answeredAsAnother: 1, recognised: 999 } : {}),
    })
    expect(verdict).toBe('worse')
    expect(measured).toHaveLength(3)
    expect(renderGateText(record)).toContain('answeredAsAnother rose from 0 to 1 (1 of 1000 requests')
  })
  test('of a strategy that forgets most by chance vary, and are fine', async () => {
    const forgotten = [333, 350, 318, 341, 327, 339, 325, 344]
    const of = (index: number) => ({ recognised: forgotten[index % forgotten.length]! })
    const { verdict, strategies } = await gateOf({
      pair: (_, index) => of(index),
      whole: (index) => ({ base: sideWith(of(index + 3)) }),
    })
    expect(verdict).toBe('fine')
    expect(strategies[0]!.metrics.find(({ name }) => name === 'recognisedShare')?.tolerance).toBe(0.1)
  })
})

describe('metrics follow from what the clusters can tell', () => {
  const names = (outcome: Awaited<ReturnType<typeof gateOf>>) =>
    outcome.strategies[0]!.metrics.map(({ name }) => name)
  test('a store that does not count its commands is compared by the rest', async () => {
    const uncounted = { storeCommands: null }
    const outcome = await gateOf({ pair: () => uncounted, whole: () => ({ base: sideWith(uncounted) }) })
    expect(outcome.verdict).toBe('fine')
    expect(names(outcome)).toContain('cpuMicrosPerRequest.store')
    expect(names(outcome)).not.toContain('storeCommandsPerRequest')
  })
  test('a system that accounts for nothing leaves times, bytes and answers', async () => {
    const untold: Partial<SideOfPair> = {
      saturated: saturatedWith({
        cpuMicros: { replica: null, nginx: null, store: null },
        replicaMainThreadMicros: null,
      }),
      memoryBytesPerReplica: null,
    }
    const outcome = await gateOf({ pair: () => untold, whole: () => ({ base: sideWith(untold) }) })
    expect(names(outcome)).toEqual([
      'storeCommandsPerRequest',
      'latencyP50Ms',
      'latencyP99Ms',
      'wireBytesPerRequest.sent',
      'wireBytesPerRequest.received',
      'answeredShare',
      'recognisedShare',
    ])
  })
  test('a tier that only head has counts in the total, which is compared where needs differ', async () => {
    const storeless: Partial<SideOfPair> = {
      saturated: saturatedWith({ cpuMicros: { replica: 300_000, nginx: 60_000, store: 0 } }),
      storeCommands: 0,
    }
    const moved = await gateOf({
      base: ['memory'],
      head: ['memory'],
      headNeeds: ['redis'],
      pair: () => ({
        saturated: saturatedWith({ cpuMicros: { replica: 300_000, nginx: 60_000, store: 60_000 } }),
      }),
      whole: () => ({ base: sideWith(storeless) }),
    })
    expect(moved.verdict).toBe('worse')
    expect(names(moved)).not.toContain('cpuMicrosPerRequest.store')
    expect(moved.strategies[0]!.metrics.filter(({ verdict }) => verdict === 'worse')).toMatchObject([
      { name: 'cpuMicrosPerRequest.total', base: expect.closeTo(360) },
    ])
    expect(names(await gateOf({}))).not.toContain('cpuMicrosPerRequest.total')
  })
})

describe('a pair that fails is tried once more', () => {
  test.each(['base', 'head'] as const)('%s fails once: nothing has happened', async (name) => {
    const { verdict, strategies } = await gateOf({ failing: (attempt) => (attempt === 2 ? name : null) })
    expect(verdict).toBe('fine')
    expect(strategies[0]!.correctness.falls).toEqual([])
  })
  test('what fails again is said of the side that failed again', async () => {
    const twice = (attempt: number) => attempt === 2 || attempt === 3
    const worse = await gateOf({ failing: (attempt) => (twice(attempt) ? 'head' : null) })
    expect(worse.verdict).toBe('worse')
    expect(worse.measured).toHaveLength(4)
    await expect(gateOf({ failing: (attempt) => (twice(attempt) ? 'base' : null) })).rejects.toThrow(
      EnvironmentError,
    )
  })
})

describe('a generator that sent late', () => {
  const late = {
    generator: { cpuShare: 0.4, cpuMicros: 1, runDelayMicros: 0, eventLoopDelayP99Ms: 6, sendLag: lagOf(80) },
  }
  test('in many pairs: latencies cannot be called fine, and it is said why', async () => {
    const { verdict, strategies, record } = await gateOf({ whole: (index) => (index % 2 === 0 ? late : {}) })
    expect(verdict).toBe('undecided')
    const open = strategies[0]!.metrics.filter((metric) => metric.verdict !== 'fine')
    expect(open.map(({ name }) => name)).toEqual(['latencyP50Ms', 'latencyP99Ms'])
    const text = renderGateText(record)
    expect(text).toMatch(/latencies are partly the generator's own: in \d+ of \d+ pairs .* \(p99 80 ms\)/)
    expect(text).not.toContain('lies on the tolerance')
  })
  test('once: nothing changes', async () => {
    expect((await gateOf({ whole: (index) => (index === 0 ? late : {}) })).verdict).toBe('fine')
  })
  test('hides nothing that is worse', async () => {
    expect((await gateOf({ whole: () => late, pair: () => dearer(1.1) })).verdict).toBe('worse')
  })
})

test('when time is up it is undecided, and what would settle it is said', async () => {
  // As a slow machine would have it: the plan counted on more pairs.
  const { verdict, measured, record, timing } = await gateOf({ pair: () => dearer(1.035), pairMs: 50_000 })
  expect(verdict).toBe('undecided')
  expect(measured).toHaveLength(8)
  expect(timing.wallMs).toBeLessThanOrEqual(400_000)
  expect(renderGateText(record)).toMatch(/MainThread .* with 2.5 % accepted: a new gate of about \d+ pairs/)
})

test('too slow for any verdict: it says how many pairs there were', async () => {
  const { verdict, record } = await gateOf({ pairMs: 150_000 })
  expect(verdict).toBe('undecided')
  const text = renderGateText(record)
  expect(text).toContain('2 pairs in the time there was, at least 6 are needed')
  expect(text).not.toContain('lies on the tolerance') // nobody knows where it lies
})

test('less time than the level of certainty needs is refused, with how much it needs', async () => {
  await expect(gateOf({ maxTimeMs: 60_000 })).rejects.toThrow(UsageError)
  await expect(gateOf({ maxTimeMs: 60_000 })).rejects.toThrow(
    /--max-time is too short.*at least \d+ pairs.*expected at least \d+s/,
  )
})

test('strategies are measured in turn, and one that is settled needs no more pairs', async () => {
  const { measured, strategies } = await gateOf({
    base: ['redis', 'cookie'],
    head: ['redis', 'cookie'],
    maxTimeMs: 800_000,
    // Bytes alone are compared for cookie here: everything else repeats exactly, so it is settled first.
    pair: () => ({}),
  })
  expect(measured.slice(0, 4)).toEqual(['redis', 'cookie', 'redis', 'cookie'])
  expect(strategies.map(({ verdict }) => verdict)).toEqual(['fine', 'fine'])
})

test('a strategy that only one side has is told, not compared', async () => {
  const { verdict, strategies, measured } = await gateOf({ base: ['cookie'], head: ['redis'] })
  expect(verdict).toBe('fine')
  expect(strategies).toMatchObject([
    { name: 'redis', status: 'new' },
    { name: 'cookie', status: 'removed' },
  ])
  expect(measured).toEqual([])
})

describe('a side that does not run', () => {
  const failing = (name: 'base' | 'head') => () => {
    throw new SideError(name, 'redis does not run', new Error('replica-1 ended (exit code 1)'))
  }
  test('base: there is nothing to compare with', async () => {
    await expect(gateOf({ pair: failing('base') })).rejects.toThrow(EnvironmentError)
    await expect(gateOf({ pair: failing('base') })).rejects.toThrow(
      /base cannot be measured.*exit code 1.*--against/s,
    )
  })
  test('head: worse, with its last words', async () => {
    const { verdict, record } = await gateOf({ pair: failing('head') })
    expect(verdict).toBe('worse')
    expect(renderGateText(record)).toContain('head: redis does not run: replica-1 ended (exit code 1)')
  })

  test.each(['base', 'head'] as const)(
    '%s, because its nginx was ended twice: no fault of either',
    async (name) => {
      const ended = new ClusterError('nginx ended by itself (SIGKILL)', { ended: 'nginx' })
      let attempts = 0
      const gate = gateOf({
        pair() {
          attempts += 1
          throw new SideError(name, 'redis under load', ended)
        },
      })
      await expect(gate).rejects.toBe(ended)
      expect(attempts).toBe(2)
    },
  )

  test('because its nginx was ended once: tried once more, as in checking logins', async () => {
    const ended = new ClusterError('nginx ended by itself (SIGKILL)', { ended: 'nginx' })
    let attempts = 0
    const checkLogins = async () => {
      attempts += 1
      if (attempts === 1) throw ended
      return kept
    }
    expect((await gateOf({ checkLogins })).verdict).toBe('fine')
    expect(attempts).toBe(2)
    await expect(
      gateOf({
        checkLogins: async () => {
          throw ended
        },
      }),
    ).rejects.toBe(ended)
  })
})
