/** The parts of a proof that need no cluster: what is planted, what is run next, what is counted. */
import { appendFileSync, cpSync, readFileSync, statSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { strategies } from '../../../servers/strategies/index.ts'
import { UsageError } from '../../errors.ts'
import { seededRandom } from '../../stats/random.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import type { PairRecord } from '../pair-record.ts'
import { dearer, pairWith } from '../testing/pairs.ts'
import { busyLoopSource, calibrate } from './busy-loop.ts'
import { type Scenario, scenarios } from './plants.ts'
import { appendProof, type ProvenGate, packProof, readProof } from './proof-file.ts'
import { proofOf } from './proof-report.ts'
import { nextScenario, wantedGates } from './prove.ts'
import { drawn, drawRate } from './rates.ts'
import { renderProof } from './render-proof.ts'
import { drawPairs, replay, slowed } from './replay.ts'

const project = fileURLToPath(new URL('../../../', import.meta.url))
const sources = ['app.ts', 'sessions/redis-client.ts']
const redis = strategies.find(({ name }) => name === 'redis')!
const scenario = (name: string): Scenario => scenarios.find((one) => one.name === name)!

const gate = (change: Partial<ProvenGate> = {}): ProvenGate => ({
  scenario: 'unchanged',
  kind: 'a kind',
  startedAt: '2026-01-02T03:04:05.678Z',
  seed: 1,
  commit: '0123456789abcdef',
  loadBefore: 0.1,
  loop: null,
  verdict: 'fine',
  worse: [],
  undecided: [],
  wallMs: 60_000,
  correctnessMs: 10_000,
  pairs: [],
  ...change,
})

describe('each fault fits the servers as they are, and leaves them valid', () => {
  test.each(scenarios.map(({ name }) => name))('%s', (name) => {
    using folder = temporaryFolder()
    cpSync(join(project, 'servers'), join(folder.path, 'servers'), { recursive: true })
    scenario(name).plant(folder.path, 1_000)
    const read = (root: string) => sources.map((file) => readFileSync(join(root, 'servers', file), 'utf8'))
    const planted = read(folder.path)
    expect(planted.join() === read(project).join()).toBe(name === 'unchanged')
    for (const text of planted) expect(() => stripTypeScriptTypes(text)).not.toThrow()
  })

  test('a source that has changed under it is named', () => {
    using folder = temporaryFolder()
    cpSync(join(project, 'servers'), join(folder.path, 'servers'), { recursive: true })
    scenario('broken-logout').plant(folder.path, 0)
    expect(() => scenario('broken-logout').plant(folder.path, 0)).toThrow(/servers\/app.ts no longer has/)
  })
})

describe('what is run next', () => {
  test('the scenario of which the smallest part is done, until all are', () => {
    const done: { scenario: string }[] = []
    for (
      let next = nextScenario(scenarios, done, 4);
      next !== null;
      next = nextScenario(scenarios, done, 4)
    ) {
      done.push({ scenario: next.name })
    }
    expect(done[0]).toEqual({ scenario: 'unchanged' })
    for (const one of scenarios) {
      expect(done.filter((gate) => gate.scenario === one.name)).toHaveLength(wantedGates(one, 4))
    }
  })
})

test('the loop that is planted is the one that is tried, and has the cost that was asked for', () => {
  using folder = temporaryFolder()
  cpSync(join(project, 'servers'), join(folder.path, 'servers'), { recursive: true })
  const { iterations } = calibrate(1)
  expect(iterations).toBeGreaterThan(10)
  scenario('loop-20').plant(folder.path, iterations)
  const app = readFileSync(join(folder.path, 'servers', 'app.ts'), 'utf8')
  expect(app).toContain(`app.get('/me', (req, res) => {\n    busyLoop(${iterations})`)
  expect(app).toContain(busyLoopSource)
})

describe('the file of a proof', () => {
  test('is gone on with, also after a kill in the middle of a line', () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'proof', 'gates.jsonl')
    expect(readProof(file)).toEqual([])
    appendProof(file, gate({ pairs: [pairWith({})] }))
    appendFileSync(file, '{"scenario":"cut o')
    expect(readProof(file)).toEqual([gate({ pairs: [pairWith({})] })])
    appendProof(file, gate({ seed: 2 }))
    expect(readProof(file).map(({ seed }) => seed)).toEqual([1, 2])
  })

  test('is packed for the repository, and read again as it was', () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'recorded', 'redis.jsonl.gz')
    const gates = [gate({ pairs: [pairWith({})] }), gate({ seed: 2, loop: { iterations: 9, micros: 5 } })]
    expect(packProof(file, gates)).toBe(statSync(file).size)
    expect(readProof(file)).toEqual(gates)
    packProof(file, [gate({ seed: 4_294_967_295, wallMs: 61_234.567_891 })])
    expect(readProof(file)).toEqual([gate({ seed: 4_294_967_295, wallMs: 61_234.6 })])
  })

  test('a line that is no gate is named', () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'gates.jsonl')
    appendFileSync(file, '{}\n')
    expect(() => readProof(file)).toThrow(UsageError)
    expect(() => readProof(file)).toThrow('line 1')
  })
})

const replayed = { strategy: redis, tolerance: 0.025, maxPairs: 28 }
/** Gates on an unchanged head, of 14 pairs each that differ by 1.5 % or so. */
const unchanged = Array.from({ length: 6 }, (_, at) =>
  Array.from({ length: 14 }, (__, index) =>
    pairWith(dearer(1 + 0.02 * Math.sin((14 * at + index) * 2.4)), { index }),
  ),
)

describe('recorded pairs, decided again', () => {
  test('by the rules of every gate', () => {
    const pairs = unchanged.flat().slice(0, 28)
    expect(replay(pairs, replayed).verdict).toBe('fine')
    expect(
      replay(
        pairs.map((pair) => slowed(pair, 0.1)),
        replayed,
      ).verdict,
    ).toBe('worse')
    // A login in a thousand, lost in two pairs one after the other.
    const losing = pairs.map((pair, at) => (at === 2 || at === 3 ? pairWith({ recognised: 999 }) : pair))
    expect(replay(losing, replayed)).toEqual({ verdict: 'worse', pairs: 4 })
    // What came after the end of the gate changes nothing, and too few pairs tell nothing.
    expect(replay([...pairs.slice(0, 27), pairWith({ recognised: 0 })], replayed).verdict).toBe('fine')
    expect(replay(pairs.slice(0, 3), replayed)).toEqual({ verdict: 'undecided', pairs: 3 })
  })

  test('gates are drawn whole, their pairs in order, either side called head', () => {
    const drawnPairs = drawPairs(unchanged, 28, seededRandom(3))
    expect(drawnPairs.map(({ index }) => index)).toEqual([...Array(14).keys(), ...Array(14).keys()])
    const changes = Array.from({ length: 40 }, (_, seed) => drawPairs(unchanged, 14, seededRandom(seed)))
    const isQuiet = ({ saturated }: PairRecord['base']) => saturated[0]?.cpuMicros.replica === 300_000
    const turned = changes.filter((pairs) => pairs.every(({ head }) => isQuiet(head)))
    const asTheyWere = changes.filter((pairs) => pairs.every(({ base }) => isQuiet(base)))
    expect(turned.length + asTheyWere.length).toBe(40)
    expect(Math.min(turned.length, asTheyWere.length)).toBeGreaterThan(10)
  })

  test('on the tolerance nothing is worse, just above it nothing fine, and what is clear is found', () => {
    for (const { name, slower, at, verdict, target } of drawn) {
      const rate = drawRate(unchanged, slower, replayed, 60, seededRandom(1))
      if (at === 'most') expect(rate[verdict] / 60, name).toBeLessThanOrEqual(target)
      else expect(rate[verdict] / 60, name).toBeGreaterThanOrEqual(target)
    }
  })
})

test('a proof tells what was run, what it would say today, and what was drawn', () => {
  const gates = [
    ...unchanged.map((pairs) => gate({ pairs, wallMs: 60_000 })),
    gate({
      scenario: 'loop-20',
      verdict: 'worse',
      loop: { iterations: 20_000, micros: 20 },
      pairs: unchanged[0]!.map((pair) => slowed(pair, 0.2)),
      wallMs: 90_000,
    }),
    gate({ scenario: 'broken-login', verdict: 'worse', pairs: [] }),
  ]
  const proof = proofOf(redis, gates, scenarios, 20)
  expect(proof.real).toMatchObject([
    { scenario: 'unchanged', gates: 6, fine: 6, pairsMean: 14, wallMaxMs: 60_000, replayed: { worse: 0 } },
    {
      scenario: 'loop-20',
      gates: 1,
      worse: 1,
      replayed: { worse: 1 },
      added: { micros: expect.closeTo(50, -1) },
    },
    { scenario: 'broken-login', replayed: { worse: 1 }, added: null },
  ])
  expect(proof.real[1]!.added!.part).toBeCloseTo(0.2, 1)
  expect(proof.drawn.map(({ rate }) => rate.gates)).toEqual(drawn.map(() => 20))
  const text = renderProof(proof, scenarios)
  for (const part of [
    'redis: gates that were run',
    'at most 1 % worse',
    'at most 5 % fine',
    'replicaMainThread',
  ])
    expect(text).toContain(part)
})
