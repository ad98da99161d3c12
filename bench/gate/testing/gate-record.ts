/** The record of a gate that never was, for tests of reports. */
import {
  type GateMetricRecord,
  type GateRecord,
  type GateStrategyRecord,
  gateRecord,
  gateSchemaVersion,
} from '../gate-record.ts'

export function metricWith(change: Partial<GateMetricRecord>): GateMetricRecord {
  return {
    name: 'cpuMicrosPerRequest.replica',
    unit: 'µs',
    worse: 'higher',
    tolerance: 0.025,
    verdict: 'fine',
    base: 300,
    head: 303,
    ratio: 1.01,
    low: 0.998,
    high: 1.022,
    spread: 0.018,
    settledBy: null,
    ...change,
  }
}

export function strategyWith(change: Partial<GateStrategyRecord>): GateStrategyRecord {
  return {
    name: 'redis',
    status: 'compared',
    verdict: 'fine',
    note: '',
    correctness: { compared: 18, falls: [] },
    pairs: 10,
    metrics: [metricWith({})],
    ...change,
  }
}

export function gateWith(change: Partial<GateRecord>): GateRecord {
  return {
    schemaVersion: gateSchemaVersion,
    id: '2026-01-02-030405-abcd',
    startedAt: '2026-01-02T03:04:05.678Z',
    argv: ['gate'],
    seed: 1,
    base: { commit: '0123456789abcdef', described: 'where it left main' },
    head: { commit: 'fedcba9876543210', dirty: false },
    replicas: 3,
    maxTimeMs: 300_000,
    versions: { node: '24.21.0' },
    machine: { platform: 'linux-x64', cpuModel: 'Some CPU', cores: 2, memoryBytes: 2 ** 33, loadBefore: 0.1 },
    verdict: 'fine',
    strategies: [strategyWith({})],
    timing: { wallMs: 100_000, correctnessMs: 10_000, pairsMs: 90_000 },
    ...change,
  }
}

/** One of each kind of news, as it is read. */
export const mixedGate: GateRecord = gateRecord.parse(
  gateWith({
    verdict: 'worse',
    strategies: [
      strategyWith({
        verdict: 'worse',
        metrics: [
          metricWith({ verdict: 'worse', head: 330, ratio: 1.1, low: 1.07, high: 1.13 }),
          metricWith({
            name: 'latencyP99Ms',
            unit: 'ms',
            tolerance: 0.25,
            verdict: 'undecided',
            base: 5,
            head: 6,
            ratio: 1.2,
            low: 1.1,
            high: 1.3,
            settledBy: { pairs: 40, verdict: 'fine' },
          }),
          metricWith({ name: 'answeredShare', unit: 'share', worse: 'lower', base: 1, head: 1, ratio: 1 }),
        ],
      }),
      strategyWith({
        name: 'cookie',
        verdict: 'worse',
        pairs: 0,
        metrics: [],
        note: 'costs were not compared: logins come first',
        correctness: {
          compared: 9,
          falls: [
            {
              experiment: 'gate',
              case: 'all',
              metric: 'runs',
              base: null,
              head: null,
              note: 'head: cookie does not run: <"a & b">\n::error::fake\u0007',
            },
          ],
        },
      }),
      strategyWith({
        name: 'memory',
        status: 'new',
        pairs: 0,
        metrics: [],
        note: 'only in head: there is nothing to compare it with',
      }),
    ],
  }),
)
