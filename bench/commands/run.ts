/** The command `run`: measures, compares and saves. */
import { randomInt } from 'node:crypto'
import { control, strategies } from '../../servers/strategies/index.ts'
import { named, namedList } from '../arguments.ts'
import { drivers } from '../drivers.ts'
import { describeError, ExitCode, exitCodeOf, isAbort } from '../errors.ts'
import { presets } from '../experiments/experiment.ts'
import { experiments } from '../experiments/index.ts'
import { openProgress } from '../progress.ts'
import { checkOut } from '../record/folder.ts'
import { renderTerminal } from '../report/terminal.ts'
import { planTrials, run } from '../run.ts'
import { inSession } from '../session.ts'
import type { Terminal } from './terminal.ts'

/** As it is typed. */
export interface RunOptions {
  readonly strategies?: string
  readonly experiments?: string
  readonly replicas: number
  readonly users?: number
  readonly preset: string
  readonly seed?: number
  readonly out: string
  readonly driver: string
}

/** Runs to the end, or to what made it partial; then ends the process. */
export async function runCommand(options: RunOptions, terminal: Terminal): Promise<void> {
  const { print, say, exit } = terminal
  const preset = named(
    'preset',
    options.preset,
    presets.map((name) => ({ name })),
  ).name
  const driverEntry = named('driver', options.driver, drivers)
  const request = {
    plan: {
      strategies: namedList('strategy', options.strategies, strategies),
      control,
      replicas: options.replicas,
      preset,
      ...(options.users === undefined ? {} : { users: options.users }),
    },
    experiments: namedList('experiment', options.experiments, experiments),
    seed: options.seed ?? randomInt(2 ** 32),
    out: options.out,
    argv: process.argv.slice(2),
  }
  checkOut(request.out)
  const code = await inSession(exit, say, async (workspace, signal) => {
    await using driver = await driverEntry.open({ workspace, signal, notify: say })
    const trials = planTrials(request)
    const expectedMs = trials.reduce((sum, { spec }) => sum + spec.expectedMs / spec.sideBySide, 0)
    const progress = openProgress(process.stderr, trials.length, expectedMs)
    progress.note(
      `${request.plan.strategies.length} strategies × ${request.experiments.length} experiments, ${options.replicas} replicas, preset ${preset}, driver ${driver.name}, seed ${request.seed}`,
    )
    const result = await run(request, driver, progress, signal).finally(() => progress.close())
    await print(renderTerminal(result.record, result.summary, terminal.style())).finally(() =>
      say(`saved in ${result.path}`),
    )
    if (result.failure === null) {
      const failed = result.record.trials.filter(({ failures }) => failures.length > 0).length
      if (failed === 0) return ExitCode.pass
      say(`complete, but strategies failed in ${failed} of ${trials.length} trials; the reasons are above`)
      return ExitCode.trialFailed
    }
    say(
      isAbort(result.failure)
        ? 'interrupted: what was finished is saved, the run is partial'
        : describeError(result.failure),
    )
    return exitCodeOf(result.failure)
  })
  exit(code)
}
