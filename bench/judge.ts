/** Judges a run from its folder alone: the same at the end of a run and at any later time. */
import { experiments } from './experiments/index.ts'
import { readRun, readTrial } from './record/folder.ts'
import { schemaVersion } from './record/run-record.ts'
import type { Summary } from './record/summary.ts'
import { withTrialFailures } from './record/trial-failures.ts'

/**
 * Reads the raw observations of every finished trial and judges them; those that failed are findings as well.
 * @throws {UsageError} when a file of the folder is missing or does not fit
 */
export function judgeRun(path: string): Summary {
  const run = readRun(path)
  const judged = experiments.flatMap((experiment) => {
    const ids = run.trials.filter((trial) => trial.experiment === experiment.name && trial.status === 'done')
    if (ids.length === 0) return []
    // In the order in which they were planned, whichever ended first.
    const trials = ids.map(({ id }) => readTrial(path, experiment.name, id, experiment.raw))
    return experiment.judge(trials)
  })
  const findings = withTrialFailures(judged, run.trials)
  return { schemaVersion, run: run.id, status: run.status === 'complete' ? 'complete' : 'partial', findings }
}
