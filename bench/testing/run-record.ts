/** The record of a run that never was, for tests that need one. */
import { type RunRecord, schemaVersion } from '../record/run-record.ts'

export function runRecordWith(change: Partial<RunRecord> = {}): RunRecord {
  return {
    schemaVersion,
    id: '2026-01-02-030405-abcd',
    startedAt: '2026-01-02T03:04:05.678Z',
    argv: ['run', '--preset', 'quick'],
    status: 'complete',
    reason: '',
    seed: 1,
    preset: 'quick',
    replicas: 3,
    users: null,
    driver: 'local',
    strategies: [
      { name: 'memory', summary: 'in the memory of each replica', needs: [] },
      { name: 'redis', summary: 'in Redis', needs: ['redis'] },
    ],
    experiments: ['login-persistence'],
    versions: { node: '24.21.0', nginx: '1.22.1', 'redis-server': '7.0.15', express: '5.3.0' },
    commit: '0123456789abcdef0123456789abcdef01234567',
    dirty: false,
    machine: {
      platform: 'linux-x64',
      cpuModel: 'Some CPU @ 2.80GHz',
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      loadBefore: 0.12,
    },
    plannedTrials: 2,
    trials: ['memory', 'redis'].map((name) => ({
      experiment: 'login-persistence',
      id: `${name}-1`,
      strategies: [name],
      status: 'done',
      failures: [],
      beside: [],
      startedMs: 10,
      endedMs: 2_000,
    })),
    timing: { wallMs: 3_210, measuringMs: 2_000 },
    harnessPeakBytes: 100 * 2 ** 20,
    ...change,
  }
}
