/** The parts of a proof that need no cluster: what is planted, what is run next, what is counted. */
import { appendFileSync, cpSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../errors.ts'
import { seededRandom } from '../../stats/random.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { dearer, pairWith } from '../testing/pairs.ts'
import { type Scenario, scenarios } from './plants.ts'
import { appendProof, type ProvenGate, readProof } from './proof-file.ts'
import { iterationsFor, nextScenario, proofMetrics, replicaMicros, wantedGates } from './prove.ts'
import { rateOf, simulateRate } from './rates.ts'
import { renderProof } from './render-proof.ts'

const project = fileURLToPath(new URL('../../../', import.meta.url))
const sources = ['app.ts', 'sessions/redis-client.ts']
const scenario = (name: string): Scenario => scenarios.find((one) => one.name === name)!

const gate = (change: Partial<ProvenGate> = {}): ProvenGate => ({
  scenario: 'unchanged',
  kind: 'a kind',
  startedAt: '2026-01-02T03:04:05.678Z',
  seed: 1,
  commit: '0123456789abcdef',
  loadBefore: 0.1,
  busyIterations: 0,
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

  test('what busy work is a part of comes from the bases measured before', () => {
    expect(replicaMicros([])).toBeNull()
    expect(replicaMicros([pairWith(dearer(2)), pairWith({})])).toBe(300)
    expect(() => iterationsFor(scenario('cpu-10'), [])).toThrow(/run the scenario unchanged first/)
    expect(iterationsFor(scenario('header-bytes'), [])).toBe(0)
  })

  test('what an iteration costs comes from the gates before; without one, from trying it', () => {
    const unchanged = gate({ pairs: [pairWith({})] })
    expect(iterationsFor(scenario('cpu-10'), [unchanged])).toBeGreaterThan(0)
    // 1,000 iterations cost 20 % of 300 µs: so do 500 cost 10 %.
    const busy = gate({ scenario: 'cpu-20', busyIterations: 1_000, pairs: [pairWith(dearer(1.2))] })
    expect(iterationsFor(scenario('cpu-10'), [unchanged, busy])).toBe(500)
    expect(iterationsFor(scenario('cpu-5'), [unchanged, busy])).toBe(250)
    // 600 of them cost 14 %, not 12: 5 % of the replica's time is for the call, and 15 % for 1,000 iterations.
    const smaller = gate({ scenario: 'cpu-10', busyIterations: 600, pairs: [pairWith(dearer(1.14))] })
    expect(iterationsFor(scenario('cpu-10'), [unchanged, busy, smaller])).toBe(333)
    expect(iterationsFor(scenario('cpu-5'), [unchanged, busy, smaller])).toBe(1)
  })
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

  test('a line that is no gate is named', () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'gates.jsonl')
    appendFileSync(file, '{}\n')
    expect(() => readProof(file)).toThrow(UsageError)
    expect(() => readProof(file)).toThrow('line 1')
  })
})

const metrics = proofMetrics('redis')
/** Pairs of an unchanged head that differ by 1.5 % or so. */
const noise = Array.from({ length: 60 }, (_, index) => pairWith(dearer(1 + 0.02 * Math.sin(index * 2.4))))

test('rates of gates that were run, with exact intervals', () => {
  const rate = rateOf('cpu-10', [gate({ verdict: 'worse', pairs: [pairWith(dearer(1.1))] }), gate()], metrics)
  expect(rate).toMatchObject({ gates: 2, worse: 1, fine: 1, undecided: 0, pairsMean: 0.5, wallMaxMs: 60_000 })
  expect(rate.replicaChange).toBeCloseTo(0.1)
  expect(rate.low).toBeCloseTo(0.0126, 3)
})

test('simulated gates find what is there and nothing else', () => {
  const simulation = { gates: 200, maxPairs: 28, tolerance: 0.025 }
  const rate = (name: string) =>
    simulateRate({ ...simulation, scenario: name, cpu: scenario(name).cpu }, noise, metrics, seededRandom(1))
  const unchanged = rate('unchanged')
  expect(unchanged.worse).toBe(0)
  expect(rate('cpu-10').worse).toBe(200)
  const text = renderProof(
    [rateOf('unchanged', [gate({ pairs: noise })], metrics)],
    [unchanged],
    scenarios,
    noise,
    metrics,
  )
  for (const part of ['Gates that were run', 'simulated', 'at most 1 %', 'replicaMainThread'])
    expect(text).toContain(part)
})
