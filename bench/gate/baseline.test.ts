/** Head against a committed baseline: what is a change, and which baselines are refused. */
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ClusterError, UsageError } from '../errors.ts'
import type { Finding } from '../record/finding.ts'
import { seededRandom } from '../stats/random.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { compareWithBaseline } from './baseline-compare.ts'
import { type Baseline, checkFingerprint, keptFrom, readBaseline, writeBaseline } from './baseline-record.ts'
import { compareFindings, nothingCompared } from './correctness.ts'
import { baselineMetrics } from './measure-baseline.ts'
import { defaultSettings } from './pair.ts'
import { SideError } from './side.ts'

const metrics = baselineMetrics()
const cpu = 'cpuMicrosPerRequest.replicaMainThread'

/** Twelve pairs with noise of 1 %; the CPU time of the main thread shifted. */
function ratios(seed: number, shift = 0, shifted = cpu): Record<string, number[]> {
  const random = seededRandom(seed)
  return Object.fromEntries(
    metrics.map(({ name }) => [
      name,
      Array.from({ length: 12 }, () => 0.3 + 0.03 * (random.next() - 0.5) + (name === shifted ? shift : 0)),
    ]),
  )
}

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

const compare = (
  logRatios: Record<string, number[]>,
  correctness = nothingCompared,
  tolerance = 0.05,
  failure: SideError | null = null,
) =>
  compareWithBaseline({
    before: { name: 'redis', findings: [login()], logRatios: ratios(1) },
    correctness,
    logRatios,
    failure,
    metrics,
    tolerance,
    strategies: 1,
  })

describe('the verdict', () => {
  test('noise alone is fine', () => expect(compare(ratios(2)).verdict).toBe('fine'))
  test('a change well above the tolerance is worse, and named', () => {
    const record = compare(ratios(2, Math.log(1.15)))
    expect(record.verdict).toBe('worse')
    expect(record.metrics.filter(({ verdict }) => verdict === 'worse').map(({ name }) => name)).toEqual([cpu])
  })
  test('what is open says how many pairs would settle it, and which way', () => {
    const settled = (shift: number) =>
      compare(ratios(2, Math.log(shift))).metrics.find(({ name }) => name === cpu)
    expect(settled(1.049)).toMatchObject({ verdict: 'undecided', settledBy: { verdict: 'fine' } })
    expect(settled(1.06)).toMatchObject({ verdict: 'undecided', settledBy: { verdict: 'worse' } })
    for (const shift of [1.049, 1.06]) expect(settled(shift)!.settledBy!.pairs).toBeGreaterThan(12)
    expect(settled(1)).toMatchObject({ verdict: 'fine', settledBy: null })
  })
  test('a gain is fine', () => expect(compare(ratios(2, Math.log(0.8))).verdict).toBe('fine'))
  test('fewer answers are worse although the figure falls', () => {
    expect(compare(ratios(2, Math.log(0.8), 'answeredShare')).verdict).toBe('worse')
  })
  test('lost logins are worse whatever it costs', () => {
    const record = compare(ratios(2), compareFindings([login()], [login({ value: 0, verdict: 'fail' })]))
    expect(record).toMatchObject({ verdict: 'worse', correctness: { falls: [{ base: 1, head: 0 }] } })
  })
  test('a strategy that does not run is worse, and nothing else of it is compared', () => {
    const failure = new SideError('head', 'redis does not run', new ClusterError('its last words'))
    const none = Object.fromEntries(metrics.map(({ name }) => [name, []]))
    expect(compare(none, nothingCompared, 0.05, failure)).toMatchObject({
      verdict: 'worse',
      note: '',
      correctness: { falls: [{ metric: 'runs', note: 'head: redis does not run: its last words' }] },
      pairs: 0,
      metrics: [],
    })
  })
  test('a tolerance below what two sessions differ by is raised', () => {
    expect(compare(ratios(2), nothingCompared, 0.001).metrics[0]?.tolerance).toBe(0.05)
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

  test('figures that are not measured anew stay, where they were made alike', () => {
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
