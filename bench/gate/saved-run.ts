/** A saved run as a comparison needs it: judged as a whole, and trial by trial. */
import { UsageError } from '../errors.ts'
import { experiments } from '../experiments/index.ts'
import { judgeRun } from '../judge.ts'
import type { Finding } from '../record/finding.ts'
import { readRun, readTrial } from '../record/folder.ts'
import type { RunRecord } from '../record/run-record.ts'

export interface SavedRun {
  readonly record: RunRecord
  /** What the whole run found. */
  readonly findings: readonly Finding[]
  /** What each trial that did not fail found by itself; the trial is the unit of statistics. */
  readonly trials: readonly (readonly Finding[])[]
}

/**
 * Reads the folder of a complete run; trials of it may have failed.
 * @throws {UsageError} when it is partial, of another version, or a file of it is missing
 */
export function readSavedRun(path: string): SavedRun {
  const record = readRun(path)
  if (record.status !== 'complete') {
    const why = record.reason === '' ? 'it was killed' : record.reason
    throw new UsageError(
      `the run ${record.id} is not complete (${why}): ${record.trials.length} of ${record.plannedTrials} trials are there; expected a complete run`,
    )
  }
  const trials = experiments.flatMap((experiment) =>
    record.trials
      .filter((trial) => trial.experiment === experiment.name && trial.status === 'done')
      .map(({ id }) => experiment.judge([readTrial(path, experiment.name, id, experiment.raw)])),
  )
  return { record, findings: judgeRun(path).findings, trials }
}
