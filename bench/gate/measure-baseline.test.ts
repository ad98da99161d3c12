/** The course of measuring beside the control, with pairs that are made up: who takes part, and what ends it. */
import { describe, expect, test } from 'vitest'
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import { ClusterError, EnvironmentError } from '../errors.ts'
import { seededRandom } from '../stats/random.ts'
import type { Fall } from './correctness.ts'
import { type BaselineInstruments, type CompareLogins, measureBaseline } from './measure-baseline.ts'
import { SideError } from './side.ts'
import { pairWith } from './testing/pairs.ts'

const strategy = (name: string): StrategyInfo => ({ name, summary: name, needs: [], routing: 'round-robin' })
const broken = (side: 'base' | 'head', name: string) =>
  new SideError(side, `${name} does not run`, new ClusterError('replica-1 ended (exit code 1)'))

/** Four pairs of two strategies; what of it fails is up to the test. */
async function measured(change: Partial<BaselineInstruments>, compareLogins?: CompareLogins) {
  const pairs: string[] = []
  const fails: string[] = []
  const found = await measureBaseline(
    ['redis', 'cookie'].map(strategy),
    4,
    seededRandom(1),
    {
      loginFindings: async () => [],
      measurePair: async ({ name }, index, order) => pairWith({}, { strategy: name, index, order }),
      ...change,
    },
    { pair: (pair) => pairs.push(`${pair.strategy} ${pair.index}`), fails: (name) => fails.push(name) },
    compareLogins,
  )
  return { found, pairs, fails }
}

test('strategies are measured in turn, pair by pair', async () => {
  const { found, pairs, fails } = await measured({})
  expect(pairs.slice(0, 4)).toEqual(['redis 0', 'cookie 0', 'redis 1', 'cookie 1'])
  expect(fails).toEqual([])
  for (const { measured, failure } of found) {
    expect(failure).toBeNull()
    expect(measured.logRatios.latencyP50Ms).toEqual([0, 0, 0, 0])
  }
})

test('a login that is lost counts when it is lost again', async () => {
  const fall = (metric: string): Fall => ({
    experiment: 'restart-survival',
    case: 'crash',
    metric,
    base: 1,
    head: 0,
    note: '',
  })
  const looks: string[] = []
  const { found } = await measured(
    {
      async loginFindings({ name }, again) {
        looks.push(`${name} ${again}`)
        return []
      },
    },
    (name) => ({
      compared: 3,
      falls: name === 'cookie' ? [] : [fall('always'), fall(`only in look ${looks.length}`)],
    }),
  )
  expect(looks).toEqual(['redis 0', 'redis 1', 'cookie 0'])
  expect(found.map(({ correctness }) => correctness)).toEqual([
    { compared: 3, falls: [fall('always')] },
    { compared: 3, falls: [] },
  ])
})

describe('what does not run', () => {
  test('a strategy takes no further part, and the others go on', async () => {
    const error = broken('head', 'redis')
    const atLogins = await measured({
      async loginFindings({ name }) {
        if (name === 'redis') throw error
        return []
      },
    })
    expect(atLogins.fails).toEqual(['redis'])
    expect(atLogins.found.map(({ failure }) => failure)).toEqual([error, null])
    expect(atLogins.pairs).toEqual(['cookie 0', 'cookie 1', 'cookie 2', 'cookie 3'])

    const later = await measured({
      async measurePair({ name }, index, order) {
        if (name === 'redis' && index === 1) throw error
        return pairWith({}, { strategy: name, index, order })
      },
    })
    expect(later.fails).toEqual(['redis'])
    expect(later.pairs).toEqual(['redis 0', 'cookie 0', 'cookie 1', 'cookie 2', 'cookie 3'])
  })

  test('the control is named as such: there is nothing to compare with', async () => {
    const withoutControl = measured({
      async measurePair() {
        throw broken('base', 'control')
      },
    })
    await expect(withoutControl).rejects.toThrow(EnvironmentError)
    await expect(withoutControl).rejects.toThrow(
      /^the control does not run, so there is nothing to compare with: replica-1 ended \(exit code 1\)$/,
    )
  })

  test('anything else that goes wrong is not a verdict', async () => {
    const defect = new RangeError('a defect of the harness')
    const ended = measured({
      async measurePair() {
        throw defect
      },
    })
    await expect(ended).rejects.toBe(defect)
  })
})
