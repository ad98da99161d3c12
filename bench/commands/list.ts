/** The command `list`: everything that can be chosen. */
import { strategies } from '../../servers/strategies/index.ts'
import { faults } from '../cluster/faults.ts'
import { drivers } from '../drivers.ts'
import { presets } from '../experiments/experiment.ts'
import { experiments } from '../experiments/index.ts'
import type { Terminal } from './terminal.ts'

/** Prints the strategies, experiments, faults, drivers and presets. */
export async function listCommand({ print }: Terminal): Promise<void> {
  const section = (title: string, rows: readonly (readonly [string, string])[]) => {
    const width = Math.max(...rows.map(([name]) => name.length))
    return `${title}\n${rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`.trimEnd()).join('\n')}\n`
  }
  await print(
    [
      section(
        'Strategies',
        strategies.map(({ name, summary }) => [name, summary]),
      ),
      section(
        'Experiments',
        experiments.map(({ name, question }) => [name, question]),
      ),
      section(
        'Faults (restart-survival)',
        faults.map(({ name, summary }) => [name, summary]),
      ),
      section(
        'Drivers',
        drivers.map(({ name, summary }) => [name, summary]),
      ),
      `Presets\n  ${presets.join(', ')}\n`,
    ].join('\n'),
  )
}
