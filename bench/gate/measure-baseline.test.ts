/** The course beside the control, with pairs that are made up: measuring a baseline, and a gate against one. */
import { describe, expect, test } from 'vitest'
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import { ClusterError, EnvironmentError } from '../errors.ts'
import type { Finding } from '../record/finding.ts'
import { seededRandom } from '../stats/random.ts'
import { type BaselineInstruments, measureBaseline, runBaselineGate } from './measure-baseline.ts'
import type { PairRecord, SideOfPair } from './pair-record.ts'
import { renderGateText } from './render-gate.ts'
import { SideError } from './side.ts'
import { gateWith } from './testing/gate-record.ts'
import { dearer, lagOf, pairWith } from './testing/pairs.ts'

const strategy = (name: string): StrategyInfo => ({ name, summary: name, needs: [], routing: 'round-robin' })
const strategies = ['redis', 'cookie'].map(strategy)
const broken = (side: 'base' | 'head', name: string) =>
  new SideError(side, `${name} does not run`, new ClusterError('replica-1 ended (exit code 1)'))

interface Scene {
  /** The strategy beside the control. */
  pair?(name: string, index: number): Partial<SideOfPair>
  whole?(index: number): Partial<PairRecord>
  readonly change?: Partial<BaselineInstruments>
}

function instrumentsOf({ pair, whole, change }: Scene) {
  const pairs: string[] = []
  let nowMs = 0
  const instruments: BaselineInstruments = {
    async loginFindings() {
      nowMs += 1_000
      return []
    },
    async measurePair({ name }, index, order) {
      nowMs += 8_000
      return pairWith(pair?.(name, index) ?? {}, { strategy: name, index, order, ...whole?.(index) })
    },
    now: () => nowMs,
    ...change,
  }
  const observer = {
    note() {},
    pair: (record: PairRecord) => pairs.push(`${record.strategy} ${record.index}`),
  }
  return { instruments, observer, pairs }
}

/** Twelve pairs of two strategies; what of it fails is up to the test. */
async function measured(scene: Scene = {}) {
  const { instruments, observer, pairs } = instrumentsOf(scene)
  const found = await measureBaseline({ strategies, pairs: 12 }, seededRandom(1), instruments, observer)
  return { found, pairs }
}

async function gate(scene: Scene, base: Scene = {}) {
  const { found } = await measured(base)
  const { instruments, observer, pairs } = instrumentsOf(scene)
  const outcome = await runBaselineGate(
    { strategies, pairs: 12 },
    ({ name }) => found.find((one) => one.name === name)!,
    0.05,
    seededRandom(2),
    instruments,
    observer,
  )
  return { ...outcome, pairs }
}

test('strategies are measured in turn, pair by pair', async () => {
  const { found, pairs } = await measured()
  expect(pairs.slice(0, 4)).toEqual(['redis 0', 'cookie 0', 'redis 1', 'cookie 1'])
  expect(found.map(({ name }) => name)).toEqual(['redis', 'cookie'])
  for (const { logRatios } of found) expect(logRatios.latencyP50Ms).toEqual(Array(12).fill(0))
})

describe('a gate against a baseline follows the rules of every gate', () => {
  test('unchanged is fine, after as many pairs as the baseline has, and its times are true', async () => {
    const { verdict, strategies: found, timing, pairs } = await gate({})
    expect(verdict).toBe('fine')
    expect(pairs).toHaveLength(24)
    expect(found[0]).toMatchObject({ pairs: 12, note: /ratios to the control/ })
    expect(timing).toEqual({ wallMs: 194_000, correctnessMs: 2_000, pairsMs: 192_000 })
  })
  test('ten per cent more CPU time is worse', async () => {
    expect((await gate({ pair: () => dearer(1.1) })).verdict).toBe('worse')
  })
  test('logins lost under load in two pairs, one after the other, are worse', async () => {
    const { verdict, strategies: found, pairs } = await gate({ pair: () => ({ recognised: 999 }) })
    expect(verdict).toBe('worse')
    expect(pairs).toHaveLength(3)
    expect(found[0]!.correctness.falls).toMatchObject([{ case: 'under-load', metric: 'recognisedShare' }])
  })
  test('a strategy that forgot them when the baseline was made may', async () => {
    const forgetful: Scene = { pair: () => ({ recognised: 333 }) }
    expect((await gate(forgetful, forgetful)).verdict).toBe('fine')
  })
  test('where the generator was late, latencies cannot be called fine', async () => {
    const late = { generator: { ...pairWith({}).generator, sendLag: lagOf(80) } }
    const outcome = await gate({ whole: () => late })
    expect(outcome.verdict).toBe('undecided')
    const open = outcome.strategies[0]!.metrics.filter(({ verdict }) => verdict !== 'fine')
    expect(open.map(({ name }) => name)).toEqual(['latencyP50Ms', 'latencyP99Ms'])
    expect(renderGateText(gateWith(outcome))).toContain("latencies are partly the generator's own")
  })
  test('a login that is lost counts when it is lost again', async () => {
    const kept = (value: number): Finding => ({
      strategy: 'redis',
      experiment: 'restart-survival',
      case: 'crash',
      metric: 'survivedShare',
      value,
      unit: 'share',
      low: null,
      high: null,
      verdict: value === 1 ? 'pass' : 'fail',
      note: '',
    })
    const withLogins = (of: (again: 0 | 1) => number): Scene => ({
      change: { loginFindings: async (_, again) => [kept(of(again))] },
    })
    const base = withLogins(() => 1)
    expect(
      (
        await gate(
          withLogins((again) => (again === 0 ? 0.9 : 1)),
          base,
        )
      ).verdict,
    ).toBe('fine')
    const lost = await gate(
      withLogins(() => 0.9),
      base,
    )
    expect(lost.verdict).toBe('worse')
    expect(lost.pairs).toEqual([])
  })
})

describe('what does not run', () => {
  const failing = (side: 'base' | 'head', times: number): Scene => {
    let attempts = 0
    return {
      change: {
        async measurePair({ name }, index, order) {
          if (name === 'cookie' && index === 1 && attempts++ < times) throw broken(side, name)
          return pairWith({}, { strategy: name, index, order })
        },
      },
    }
  }

  test.each(['base', 'head'] as const)('once, is tried again: %s', async (side) => {
    expect((await measured(failing(side, 1))).pairs).toHaveLength(24)
    expect((await gate(failing(side, 1))).verdict).toBe('fine')
  })

  test('a strategy: no baseline, and worse than one', async () => {
    await expect(measured(failing('head', 2))).rejects.toThrow(ClusterError)
    await expect(measured(failing('head', 2))).rejects.toThrow(/cookie does not run: .*replica-1 ended/)
    const { verdict, strategies: found } = await gate(failing('head', 2))
    expect(verdict).toBe('worse')
    expect(found[1]!.correctness.falls).toMatchObject([{ metric: 'runs' }])
  })

  test('the control is named as such: there is nothing to compare with', async () => {
    await expect(measured(failing('base', 2))).rejects.toThrow(EnvironmentError)
    await expect(measured(failing('base', 2))).rejects.toThrow(
      /^the control does not run, so there is nothing to compare with: replica-1 ended \(exit code 1\)$/,
    )
  })

  test('anything else that goes wrong is not a verdict', async () => {
    const defect = new RangeError('a defect of the harness')
    const ended = measured({
      change: {
        async measurePair() {
          throw defect
        },
      },
    })
    await expect(ended).rejects.toBe(defect)
  })
})
