/** Head against a committed baseline: what is a change, and which baselines are refused. */
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../errors.ts'
import type { Finding } from '../record/finding.ts'
import { seededRandom } from '../stats/random.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { judgeAgainstBaseline } from './baseline-compare.ts'
import {
  type Baseline,
  type BaselineStrategy,
  checkFingerprint,
  keptFrom,
  readBaseline,
  writeBaseline,
} from './baseline-record.ts'
import type { Judgement } from './contest.ts'
import { baselineRatios } from './measure-baseline.ts'
import { defaultSettings } from './pair.ts'
import type { PairRecord, SideOfPair } from './pair-record.ts'
import { pairWith, saturatedWith, sideWith } from './testing/pairs.ts'

const cpu = 'cpuMicrosPerRequest.replicaMainThread'
const redis = { needs: ['redis' as const] }

/** Twelve pairs of redis beside the control, with noise of 1 % in time and CPU time; the main thread's shifted. */
function pairs(seed: number, factor = 1, change: Partial<SideOfPair> = {}): PairRecord[] {
  const random = seededRandom(seed)
  const noise = () => 1.3 + 0.03 * (random.next() - 0.5)
  return Array.from({ length: 12 }, (_, index) => {
    const { latency } = sideWith()
    return pairWith(
      {
        saturated: saturatedWith({
          cpuMicros: { replica: 300_000 * noise(), nginx: 60_000 * noise(), store: 30_000 * noise() },
          replicaMainThreadMicros: 250_000 * noise() * factor,
        }),
        latency: { ...latency, p50Ms: 2 * noise(), p99Ms: 5 * noise() },
        ...change,
      },
      { index },
      {
        saturated: saturatedWith({ cpuMicros: { replica: 300_000, nginx: 60_000, store: 0 } }),
        storeCommands: 0,
      },
    )
  })
}
const ratios = (seed: number) => baselineRatios(redis, pairs(seed))

const login = (change: Partial<Finding> = {}): Finding => ({
  strategy: 'redis',
  experiment: 'login-persistence',
  case: '3',
  metric: 'logoutEffectiveShare',
  value: 1,
  unit: 'share',
  low: 0.7,
  high: 1,
  verdict: 'pass',
  note: '',
  ...change,
})

const before: BaselineStrategy = { name: 'redis', findings: [login()], logRatios: ratios(1) }
const compare = (head: readonly PairRecord[], tolerance = 0.05, base = before) =>
  judgeAgainstBaseline(base, redis, head, { tolerance, strategies: 1 })
const worseOf = ({ metrics }: Judgement) =>
  metrics.filter(({ verdict }) => verdict === 'worse').map(({ name }) => name)

describe('the verdict', () => {
  test('noise alone is fine', () => expect(compare(pairs(2)).verdict).toBe('fine'))
  test('a change well above the tolerance is worse, and named', () => {
    const judgement = compare(pairs(2, 1.15))
    expect(judgement.verdict).toBe('worse')
    expect(worseOf(judgement)).toEqual([cpu])
  })
  test('what is open says how many pairs would settle it, and which way', () => {
    const settled = (factor: number) => compare(pairs(2, factor)).metrics.find(({ name }) => name === cpu)
    expect(settled(1.045)).toMatchObject({ verdict: 'undecided', settledBy: { verdict: 'fine' } })
    expect(settled(1.055)).toMatchObject({ verdict: 'undecided', settledBy: { verdict: 'worse' } })
    for (const factor of [1.045, 1.055]) expect(settled(factor)!.settledBy!.pairs).toBeGreaterThan(12)
    expect(settled(1)).toMatchObject({ verdict: 'fine', settledBy: null })
  })
  test('a gain is fine', () => expect(compare(pairs(2, 0.8)).verdict).toBe('fine'))
  test('a store, which the control does not have, is compared in the total', () => {
    const cpuMicros = { replica: 300_000 * 1.3, nginx: 60_000 * 1.3, store: 120_000 }
    expect(worseOf(compare(pairs(2, 1, { saturated: saturatedWith({ cpuMicros }) })))).toEqual([
      'cpuMicrosPerRequest.total',
    ])
  })
  test('fewer answers, or fewer of them to somebody known, are worse whatever --tolerance accepts', () => {
    expect(worseOf(compare(pairs(2, 1, { recognised: 970 }), 0.5))).toEqual(['recognisedShare'])
    expect(worseOf(compare(pairs(2, 1, { answered: 970, recognised: 970 }), 0.5))).toEqual([
      'answeredShare',
      'recognisedShare',
    ])
  })
  test('what forgot most of its users then may do so by chance now', () => {
    const forgetful = (share: number) => pairs(2, 1, { recognised: share })
    const base = { ...before, logRatios: baselineRatios(redis, forgetful(340)) }
    expect(compare(forgetful(325), 0.05, base).verdict).toBe('fine')
    expect(compare(forgetful(250), 0.05, base).verdict).toBe('worse')
  })
  test('a tolerance below what two sessions differ by is raised', () => {
    expect(compare(pairs(2), 0.001).metrics[0]?.tolerance).toBe(0.05)
  })
})

const content: Baseline = {
  schemaVersion: 1,
  createdAt: '2026-01-02T03:04:05.678Z',
  commit: '0123456789abcdef',
  node: '24.21.0',
  machine: { platform: 'linux-x64', cpuModel: 'Some CPU', cores: 2, memoryBytes: 2 ** 33 },
  settings: defaultSettings,
  replicas: 3,
  strategies: [{ name: 'redis', findings: [login()], logRatios: ratios(1) }],
}

describe('the file', () => {
  test('is read as it was written', () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'baseline.json')
    writeBaseline(file, content)
    expect(readBaseline(file)).toEqual(content)
  })

  test('is replaced whole, or stays as it was', () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'baseline.json')
    writeBaseline(file, content)
    const before = openSync(file, 'r')
    writeBaseline(file, { ...content, replicas: 2 })
    expect(JSON.parse(readFileSync(before, 'utf8'))).toEqual(content) // who reads meanwhile reads the old one to its end
    closeSync(before)
    expect(readBaseline(file).replicas).toBe(2)
    expect(readdirSync(folder.path)).toEqual(['baseline.json'])
  })

  test('figures that are not measured again stay, where they were made alike', () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'baseline.json')
    expect(keptFrom(file, ['redis'], content)).toEqual([]) // there is no file yet
    writeBaseline(file, content)
    expect(keptFrom(file, ['memory', 'redis'], content)).toEqual(content.strategies)
    expect(keptFrom(file, ['memory'], { ...content, node: '26.0.0' })).toEqual([]) // nothing would be lost
    expect(() => keptFrom(file, ['redis'], { ...content, node: '26.0.0' })).toThrow(UsageError)
    expect(() => keptFrom(file, ['redis'], { ...content, replicas: 2 })).toThrow(
      'with 3 replicas instead of 2, so its figures of redis cannot stay beside new ones; measure all strategies',
    )
  })

  test.each([
    ['missing', null, 'does not exist'],
    ['text', 'hello', 'is not valid JSON'],
    ['of another version', JSON.stringify({ ...content, schemaVersion: 2 }), 'does not fit this version'],
  ])('%s: says what to do', (_, text, message) => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'baseline.json')
    if (text !== null) writeFileSync(file, text)
    expect(() => readBaseline(file)).toThrow(UsageError)
    expect(() => readBaseline(file)).toThrow(message)
    expect(() => readBaseline(file)).toThrow(`baseline update --file ${file}`)
  })

  test.each([
    [{ machine: { ...content.machine, cores: 8 } }, 'another machine (2 and 8 cores)'],
    [{ node: '26.0.0' }, 'another Node (24.21.0 and 26.0.0)'],
    [{ replicas: 2 }, '3 replicas instead of 2; make one here with: baseline update --replicas 2'],
    [{ settings: { ...defaultSettings, pacedMs: 1 } }, 'other settings'],
  ])('made elsewhere is refused: %j', (change, message) => {
    expect(() => checkFingerprint('b.json', content, { ...content, ...change })).toThrow(message)
    expect(() => checkFingerprint('b.json', content, content)).not.toThrow()
  })
})
