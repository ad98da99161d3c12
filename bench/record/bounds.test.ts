/** Holds the schemas of everything that is saved to bounds: what cannot be is refused, whoever wrote the file. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { experiments } from '../experiments/index.ts'
import { baseline } from '../gate/baseline-record.ts'
import { gateRecord } from '../gate/gate-record.ts'
import { defaultSettings } from '../gate/pair.ts'
import { pairRecord } from '../gate/pair-record.ts'
import { mixedGate } from '../gate/testing/gate-record.ts'
import { pairWith } from '../gate/testing/pairs.ts'
import { runRecordWith } from '../testing/run-record.ts'
import { clean } from '../text/clean.ts'
import { hostileTexts } from '../text/testing/hostile.ts'
import { runRecord } from './run-record.ts'
import { summary } from './summary.ts'

const generator = {
  cpuShare: 0.2,
  cpuMicros: 1,
  runDelayMicros: 1,
  eventLoopDelayP99Ms: 6,
  sendLag: { count: 9, p50Ms: 1, p90Ms: 2, p95Ms: 3, p99Ms: 4, maxMs: 5 },
}
const cpuMicros = { replica: 300, nginx: 60, store: 30 }
const machine = { cores: 2, busyMicros: 500, stealMicros: 5 }
const loginState = { met: 3, knowing: 1, mistaking: 1, unanswered: false }
const outcomes = { ok: 5, 'logged-out': 1, failed: 1, 'answered-as-another': 1 }

const raws: Readonly<Record<string, unknown>> = {
  'login-persistence': [
    {
      strategy: 'memory',
      replicas: 3,
      reading: [['ok', 'logged-out']],
      writing: [{ cookieReplaced: true, knownSomewhere: null }],
      logouts: [{ oldCookiesStillLogIn: false }],
      answers: 12,
      asAnother: 1,
    },
  ],
  'restart-survival': {
    strategy: 'redis',
    replicas: 3,
    ratePerSecond: 30,
    loginsPerSecond: 40,
    faults: [
      {
        fault: 'crash',
        users: [{ count: 6, active: true, before: loginState, after: loginState }],
        newcomers: [{ acknowledgedAtMs: 12, after: loginState }],
        loginRequests: outcomes,
        faultAtMs: 300,
        readyAtMs: 700,
        timeline: {
          sliceMs: 100,
          slices: [outcomes],
          longestWithoutOkMs: 20,
          endedWithoutOk: false,
          lastFailedMs: 90,
        },
        okLatency: generator.sendLag,
        generator,
        lull: { spanMs: 300, cpuMicros, machine, generator },
        beside: ['throughput/trial-1'],
      },
    ],
  },
  throughput: {
    control: 'control',
    twin: 'control-twin',
    replicas: 2,
    warmUp: [{ strategy: 'redis', requestsPerReplica: 200, costMicros: [90], flat: true, change: 0.01 }],
    windows: [
      {
        strategy: 'redis',
        kind: 'paced',
        mix: 'me',
        round: 1,
        elapsedMs: 100,
        answered: 90,
        recognised: 80,
        failed: 3,
        answeredAsAnother: 2,
        latency: generator.sendLag,
        spanMs: 110,
        cpuMicros,
        machine,
        generator,
        generatorRequests: 93,
      },
    ],
    memory: [{ strategy: 'redis', bytesPerReplica: 1e8 }],
  },
}

interface Saved {
  readonly schema: z.ZodType
  readonly sample: unknown
  /** Numbers that may be below zero. */
  readonly exempt?: RegExp
}

const saved: Readonly<Record<string, Saved>> = {
  'run.json': { schema: runRecord, sample: runRecordWith() },
  'summary.json': {
    schema: summary,
    sample: JSON.parse(
      readFileSync(join(import.meta.dirname, '..', 'report', 'fixtures', 'run', 'summary.json'), 'utf8'),
    ),
  },
  ...Object.fromEntries(
    experiments.map(({ name, raw }): [string, Saved] => [
      `trials of ${name}`,
      { schema: raw, sample: raws[name], exempt: /\.change$/ },
    ]),
  ),
  'gate.json': { schema: gateRecord, sample: mixedGate },
  'pairs.jsonl': { schema: pairRecord, sample: pairWith({}), exempt: /\.change$/ },
  'baseline.json': {
    schema: baseline,
    sample: {
      schemaVersion: 1,
      createdAt: '2026-01-02T03:04:05.678Z',
      commit: '0123456789abcdef',
      node: '24.21.0',
      machine: { platform: 'linux-x64', cpuModel: 'Some CPU', cores: 2, memoryBytes: 2 ** 33 },
      settings: defaultSettings,
      replicas: 3,
      strategies: [{ name: 'redis', findings: [], logRatios: { latencyP50Ms: [0.1, -0.1] } }],
    },
    exempt: /\.logRatios\./,
  },
}

/** Every leaf of a kind, by its path. */
function leaves(value: unknown, kind: 'number' | 'string', path: readonly string[] = []): string[][] {
  if (typeof value === kind) return [[...path]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => leaves(part, kind, [...path, key]))
}

function withValue(value: unknown, path: readonly string[], put: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return put
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) }
  Object.assign(copy, { [key]: withValue((value as Record<string, unknown>)[key], rest, put) })
  return copy
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((part, key) => (part as Record<string, unknown>)[key], value)
}

/** Where parts repeat, one of each is as good as all. */
function oneOfEach(paths: string[][]): string[][] {
  return [...new Map(paths.map((path) => [path.join('.').replace(/\b\d+\b/g, '*'), path])).values()]
}

describe.each(Object.entries(saved))('%s', (_, { schema, sample, exempt }) => {
  const numbers = oneOfEach(leaves(sample, 'number'))
  const isExempt = (path: readonly string[]) => exempt?.test(path.join('.')) === true

  test('takes what is sound, as it is', () => {
    expect(schema.parse(sample)).toEqual(sample)
    expect(numbers.length).toBeGreaterThan(0)
  })

  test('refuses every number that is negated, infinite or none', () => {
    for (const path of numbers) {
      const value = valueAt(sample, path) as number
      const wrong = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, String(value), [value]]
      const negated = isExempt(path) ? [] : [-value || -1, -1, -Number.MIN_VALUE]
      for (const put of [...wrong, ...negated]) {
        expect(schema.safeParse(withValue(sample, path, put)).success, `${path.join('.')}: ${put}`).toBe(
          false,
        )
      }
    }
  })

  test('refuses several numbers that were corrupted together', () => {
    const candidates = numbers.filter((path) => !isExempt(path))
    fc.assert(
      fc.property(
        fc.subarray(candidates, { minLength: 1 }),
        fc.double({ max: -Number.MIN_VALUE, noNaN: true }),
        (paths, put) => {
          const corrupted = paths.reduce((value, path) => withValue(value, path, put), sample)
          expect(schema.safeParse(corrupted).success).toBe(false)
        },
      ),
    )
  })

  test('lets no text through that does more than be read, and no name that leads elsewhere', () => {
    for (const path of oneOfEach(leaves(sample, 'string'))) {
      for (const text of [...Object.values(hostileTexts), '../../../etc/passwd', '/etc/passwd', 'a/b']) {
        const parsed = schema.safeParse(withValue(sample, path, text))
        if (!parsed.success) continue
        const taken = valueAt(parsed.data, path) as string
        expect(clean(taken)).toBe(taken)
        expect(path.at(-1)).not.toMatch(
          /^(id|name|strategy|experiment|metric|case|fault|run|control|twin|driver)$/,
        )
      }
    }
  })
})

test('a trial that is listed twice, and would count twice, is refused', () => {
  const record = runRecordWith()
  const twice = { ...record, trials: [...record.trials, record.trials[0]] }
  expect(runRecord.safeParse(twice).error?.issues).toMatchObject([{ path: ['trials'] }])
})
