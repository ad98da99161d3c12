/** The command `compare`: two saved runs, finding by finding. */
import { control } from '../../servers/strategies/index.ts'
import { named } from '../arguments.ts'
import { compareRuns } from '../gate/compare-runs.ts'
import { comparisonFormats } from '../gate/comparison-formats.ts'
import { renderComparison } from '../gate/render-comparison.ts'
import { readSavedRun } from '../gate/saved-run.ts'
import { findRun } from '../record/folder.ts'
import type { Terminal } from './terminal.ts'

/** As it is typed. */
export interface CompareOptions {
  readonly format: string
  readonly out: string
}

/** Prints how the run `after` differs from the run `before`. */
export async function compareCommand(
  before: string,
  after: string,
  options: CompareOptions,
  { print, style }: Terminal,
): Promise<void> {
  const formats = comparisonFormats.map((name) => ({ name }))
  const format = named('format', options.format, formats).name
  const [first, second] = [before, after].map((run) => readSavedRun(findRun(run, options.out)))
  await print(renderComparison(compareRuns(first!, second!, control.name), format, style().columns))
}
