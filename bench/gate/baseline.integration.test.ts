/** `baseline update` and `gate --baseline` on a copy of the project, and a baseline as small as can be on real clusters. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { control, strategies } from '../../servers/strategies/index.ts'
import { localDriver } from '../cluster/local.ts'
import { openWorkspace } from '../cluster/workspace.ts'
import { seededRandom } from '../stats/random.ts'
import { foundBinaries } from '../testing/binaries.ts'
import { judgeAgainstBaseline } from './baseline-compare.ts'
import { type Baseline, fingerprintHere, readBaseline, writeBaseline } from './baseline-record.ts'
import { baselineInstruments, baselineRatios, measureBaseline } from './measure-baseline.ts'
import type { PairRecord } from './pair-record.ts'
import { pairWith } from './testing/pairs.ts'
import { type ProjectCopy, projectCopy } from './testing/project-copy.ts'
import { shortestSettings } from './testing/settings.ts'

const signal = new AbortController().signal

/** A baseline of this machine with redis alone, as many pairs as one strategy needs. */
function baselineHere(change: Partial<Baseline> = {}): Baseline {
  const logRatios = Object.fromEntries(
    Object.keys(baselineRatios({ needs: [] }, [pairWith({})])).map((name) => [
      name,
      Array.from({ length: 12 }, (_, index) => index / 1_000),
    ]),
  )
  return {
    ...fingerprintHere(3),
    strategies: [{ name: 'redis', findings: [], logRatios }],
    ...change,
  }
}

describe('bad input is named, and nothing is started', () => {
  let copy: ProjectCopy
  beforeAll(() => {
    copy = projectCopy()
    writeBaseline(join(copy.path, 'here.json'), baselineHere())
    writeBaseline(join(copy.path, 'elsewhere.json'), baselineHere({ node: '20.0.0' }))
  })
  afterAll(() => copy[Symbol.dispose]())

  test.each([
    [['--against', 'main'], '--baseline cannot be combined with --against'],
    [['--max-time', '60s'], '--baseline cannot be combined with --max-time'],
    [
      ['--replicas', '2'],
      'was made with 3 replicas instead of 2; make one here with: baseline update --replicas 2',
    ],
    [['--strategies', 'redis,cookie'], 'the baseline here.json has no cookie; it has redis'],
    [['--baseline', 'none.json'], 'the baseline none.json does not exist; make one with: baseline update'],
    [['--baseline', 'elsewhere.json'], 'was made with another Node (20.0.0 and '],
  ])('gate %j', async (args, message) => {
    const { code, stdout, stderr } = await copy.bench(['gate', '--baseline', 'here.json', ...args])
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(existsSync(join(copy.path, 'results/gates'))).toBe(false)
  })

  test.each([
    [['--strategies', 'redsi'], "Did you mean 'redis'?"],
    [['--pairs', '3'], "--pairs is '3'; expected at least 14 for 5 strategies"],
    [
      ['--file', 'no/such/dir/b.json'],
      'cannot be written to no/such/dir/b.json: there is no folder no/such/dir;',
    ],
    [
      ['--file', 'package.json/b.json'],
      'cannot be written to package.json/b.json: there is no folder package.json;',
    ],
    [['--file', 'servers'], 'cannot be written to servers: it is a folder; choose another path with --file'],
    [
      ['--file', 'elsewhere.json', '--strategies', 'cookie'],
      'the baseline elsewhere.json was made with another Node (20.0.0 and ',
    ],
    [
      ['--file', 'here.json', '--strategies', 'cookie'],
      'the baseline here.json has 12 pairs of redis; expected at least 13 beside cookie',
    ],
  ])('baseline update %j', async (args, message) => {
    const before = readdirSync(copy.path)
    const { code, stdout, stderr } = await copy.bench(['baseline', 'update', ...args])
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(readdirSync(copy.path)).toEqual(before)
  })
})

test('a head that does not start is worse than its baseline, with its last words', {
  timeout: 60_000,
}, async () => {
  using copy = projectCopy()
  writeBaseline(join(copy.path, 'here.json'), baselineHere())
  copy.change(
    'servers/strategies/redis.ts',
    'const { openRedisSession }',
    "throw new Error('broken head')\n    const { openRedisSession }",
  )
  const { code, stdout } = await copy.bench(['gate', '--baseline', 'here.json', '--seed', '7'])
  expect(stdout).toContain('worse than base: redis')
  expect(stdout).toContain('broken head')
  expect(code).toBe(99)
  const latest = join(copy.path, 'results/gates/latest')
  expect(readdirSync(latest).sort()).toEqual([
    'bencher.json',
    'benchmark.json',
    'gate.json',
    'gate.md',
    'junit.xml',
  ])
  expect(JSON.parse(readFileSync(join(latest, 'gate.json'), 'utf8'))).toMatchObject({ seed: 7, replicas: 3 })
})

test('a tree that does not start makes no baseline', { timeout: 60_000 }, async () => {
  using copy = projectCopy()
  copy.change(
    'servers/replica.ts',
    'async function main',
    "throw new Error('broken tree')\nasync function main",
  )
  const { code, stderr } = await copy.bench(['baseline', 'update', '--file', 'new.json'])
  expect(stderr).toMatch(/sessionbench: new.json was not written: .*memory.*broken tree/s)
  expect(code).toBe(1)
  expect(existsSync(join(copy.path, 'new.json'))).toBe(false)
})

test('what was measured, written and read is not worse than what is measured again', {
  timeout: 60_000,
}, async () => {
  using workspace = openWorkspace()
  const binaries = foundBinaries()
  const head = {
    side: 'head' as const,
    driver: localDriver(binaries, workspace),
    strategies: [...strategies, control],
  }
  const settings = shortestSettings
  const [cookie] = strategies.filter(({ name }) => name === 'cookie')
  const pairs: PairRecord[] = []
  const measure = async () => {
    const random = seededRandom(1)
    const instruments = {
      ...baselineInstruments(head, { control, settings, replicas: 1, seed: 1 }, random, signal),
      loginFindings: async () => [],
    }
    pairs.length = 0
    const observer = { note() {}, pair: (pair: PairRecord) => void pairs.push(pair) }
    return await measureBaseline({ strategies: [cookie!], pairs: 2 }, random, instruments, observer)
  }
  const file = join(workspace.path, 'baseline.json')
  writeBaseline(file, { ...fingerprintHere(1), settings, strategies: await measure() })
  await measure()
  const before = readBaseline(file).strategies[0]!
  const { metrics, verdict } = judgeAgainstBaseline(before, cookie!, pairs, {
    tolerance: 0.05,
    strategies: 1,
  })
  expect(verdict).not.toBe('worse') // two pairs tell little of anything that varies
  expect(metrics.map(({ name }) => name)).toEqual(Object.keys(before.logRatios))
  const received = metrics.find(({ name }) => name === 'wireBytesPerRequest.received')!
  expect(received.base).toBeGreaterThan(1) // a session costs bytes that the control has not
  expect(received.ratio).toBeCloseTo(1, 2)
})
