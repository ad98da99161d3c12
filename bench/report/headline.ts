/** What a run was, in a line or two: needed to make sense of any figure. */
import type { RunRecord } from '../record/run-record.ts'

export function headline(run: RunRecord): string[] {
  const { machine, versions } = run
  const programs = ['node', 'nginx', 'redis-server', 'express', 'docker', 'compose']
    .filter((name) => versions[name] !== undefined)
    .map((name) => `${name} ${versions[name]}`)
  const seconds = Math.round(run.timing.wallMs / 1000)
  const done = run.trials.filter((trial) => trial.status === 'done').length
  const failed = run.trials.filter(({ failures }) => failures.length > 0).length
  return [
    `${run.replicas} ${run.replicas === 1 ? 'replica' : 'replicas'} per cluster, preset ${run.preset}, driver ${run.driver}, seed ${run.seed}, ${seconds} s`,
    `${machine.cores} × ${machine.cpuModel}; ${programs.join(', ')}`,
    ...(failed === 0 ? [] : [`FAILED: strategies dropped out of ${failed} of ${run.plannedTrials} trials`]),
    ...(run.status === 'complete'
      ? []
      : [`PARTIAL: ${run.reason || 'the run was killed'}; ${done} of ${run.plannedTrials} trials are here`]),
  ]
}

/** How to read the table; the same everywhere it stands. */
export const legend = [
  'kept: share of pages after a login that knew their user; – not asked, ? not measurable.',
  'after …: of the logins that a replica knew before the fault, those that one knew after it (none: nothing to lose). They are seconds old; a crash is a SIGKILL, not a power cut.',
  'requests/s (whatever the answer: where kept is below 100 %, some are 401s) and CPU (replicas, nginx, store) at saturation, on warm code (cold: it was not), on 2 replicas at most; × the app without sessions, ± 95 %; ? in doubt.',
  'latency at a low steady rate, from when a request was due.',
]
