/** The command `compare`: two saved runs, finding by finding. */
import type { Command } from 'commander'
import { control } from '../../servers/strategies/index.ts'
import { named } from '../arguments.ts'
import { compareRuns } from '../gate/compare-runs.ts'
import { comparisonFormats, renderComparison } from '../gate/render-comparison.ts'
import { readSavedRun } from '../gate/saved-run.ts'
import { findRun } from '../record/folder.ts'

/** @param print takes the result, which goes to stdout */
export function registerCompare(program: Command, print: (text: string) => void): void {
  program
    .command('compare')
    .description('compare two saved runs, finding by finding')
    .argument('<before>', 'the folder of a run, or its id')
    .argument('<after>', 'the folder of the run to compare with it')
    .option('--format <name>', comparisonFormats.join(', '), 'text')
    .option('--out <dir>', 'where to look for runs that are given by their ids', 'results')
    .addHelpText(
      'after',
      '\nA change in code is found more surely by the gate, which measures both sides at the same time.\n\nExample:\n  $ npm run bench -- compare results/2026-01-02-030405-abcd results/latest',
    )
    .action((before: string, after: string, options: { format: string; out: string }) => {
      const formats = comparisonFormats.map((name) => ({ name }))
      const format = named('format', options.format, formats).name
      const [first, second] = [before, after].map((run) => readSavedRun(findRun(run, options.out)))
      print(renderComparison(compareRuns(first!, second!, control.name), format))
    })
}
