/** `npm run faults`: tries the harness with faults at random moments, and says where it did not do what it owes. */
import { randomInt } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { namedList, seedNumber } from '../../bench/arguments.ts'
import { ExitCode, exitCodeOf, messageOf, UsageError } from '../../bench/errors.ts'
import { duration } from '../../bench/gate/arguments.ts'
import { judgeRun } from '../../bench/judge.ts'
import { findRun } from '../../bench/record/folder.ts'
import { attempt } from './attempt.ts'
import { tryFaults } from './campaign.ts'
import { faultClasses } from './classes/index.ts'
import type { Campaign, FaultClass, SavedRun } from './fault.ts'
import { judgeCommand, judgeRunFolder } from './judge.ts'
import { planFaults } from './plan.ts'
import { bench, openScene } from './scene.ts'
import { seeRuns } from './see-runs.ts'
import { runToDamage } from './subjects.ts'
import { type Result, renderFailures, renderTable, renderTotal } from './table.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)
const mostFaults = 100_000
const mostJobs = 64

interface Options {
  readonly count?: number
  readonly seed?: number
  readonly only?: string
  readonly slow: boolean
  readonly jobs: number
  readonly maxTime?: number
  readonly savedRun?: string
}

const program = new Command('faults')
  .description(
    'Puts faults to runs, gates and clusters of its own at random moments, and checks after each that the harness\nsaid what happened, left nothing behind, kept what was finished and gave no wrong figure.',
  )
  .option('--count <n>', 'faults to try (default: one of each class)', (text) =>
    whole('--count', text, mostFaults),
  )
  .option('--seed <n>', 'repeats the choices of an earlier campaign (default: a new one)', seedNumber)
  .option('--only <a,b>', 'classes of faults (default: all that take seconds)')
  .option('--slow', 'also those that take minutes', false)
  .option(
    '--jobs <n>',
    'faults at a time',
    (text) => whole('--jobs', text, mostJobs),
    Math.min(2, availableParallelism()),
  )
  .option(
    '--max-time <time>',
    'when to begin no further fault, e.g. 120s or 60m (default: when all are tried)',
    duration,
  )
  .option('--saved-run <folder>', 'a complete run whose copies are damaged (default: one is made)')
  .addHelpText(
    'after',
    `
Classes:
${faultClasses.map(({ name, summary, slow }) => `  ${name.padEnd(22)} ${summary}${slow ? ' (slow)' : ''}`).join('\n')}

Each failure is printed with its seed; where and when follow from it, as nearly as the machine keeps time.
Exit codes: 0 nothing failed, 1 something did, 2 wrong usage or environment, 130 interrupted.`,
  )
  .exitOverride()
  .action(campaign)

function whole(option: string, text: string, most: number): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new UsageError(`${option} is '${text}'; expected a whole number from 1 to ${most}`)
}

async function campaign(options: Options): Promise<void> {
  if (process.platform !== 'linux') throw new UsageError('faults are put by means of /proc: this needs Linux')
  const asked = namedList('class of faults', options.only, faultClasses).filter(
    ({ slow }) => options.only !== undefined || options.slow || slow !== true,
  )
  const skipped = new Map(
    asked.flatMap(({ name, missing }) => {
      const reason = missing?.() ?? null
      return reason === null ? [] : [[name, reason] as const]
    }),
  )
  const possible = asked.filter(({ name }) => !skipped.has(name))
  const seed = options.seed ?? randomInt(2 ** 32)
  const plan = planFaults(
    possible.map(({ name }) => name),
    options.count ?? possible.length,
    seed,
  )
  say(`${plan.length} faults of ${possible.length} classes, ${options.jobs} at a time, seed ${seed}`)
  for (const [name, reason] of skipped) say(`not run: ${name}, ${reason}`)

  const interruption = new AbortController()
  const { signal } = interruption
  const onSignal = (name: NodeJS.Signals) => {
    say(`${name}: ending what is under way`)
    interruption.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
  const shared = openShared(options, signal)
  try {
    const results = await tryFaults(
      plan,
      {
        jobs: options.jobs,
        maxTimeMs: options.maxTime ?? Number.POSITIVE_INFINITY,
        now: () => performance.now(),
      },
      signal,
      ({ name, seed: own }) => attempt(classNamed(name), own, shared, signal),
      (result, done) => tell(result, done, plan.length),
    )
    const failures = renderFailures(results)
    process.stdout.write(
      `${renderTable(
        asked.map(({ name }) => name),
        results,
        skipped,
      )}\n\n${failures === '' ? '' : `${failures}\n\n`}${renderTotal(results)}; seed ${seed}\n`,
    )
    process.exitCode = signal.aborted
      ? ExitCode.interrupted
      : results.some(({ outcome }) => outcome === 'failed')
        ? ExitCode.harness
        : ExitCode.pass
  } finally {
    shared[Symbol.dispose]()
  }
}

function classNamed(name: string): FaultClass {
  return namedList('class of faults', name, faultClasses)[0]!
}

function tell({ name, seed, outcome, what, wrong, tookMs }: Result, done: number, of: number): void {
  const seconds = (tookMs / 1000).toFixed(1)
  say(
    `${done}/${of} ${outcome === 'missed' ? 'too late' : outcome} ${name} (seed ${seed}, ${seconds} s) ${what}`,
  )
  for (const one of wrong) say(`  - ${one}`)
}

/**
 * The saved run is copied, or made for the first fault that needs one, into a folder that goes with the campaign.
 * @throws {UsageError} when the one that was named cannot be read
 */
function openShared({ savedRun }: Options, signal: AbortSignal): Campaign & Disposable {
  using made = new DisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'faults-of-sessionbench-'))
  made.defer(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'saved-run')
  const take = (from: string): SavedRun => {
    cpSync(from, path, { recursive: true, dereference: true }) // links would lead back to the original
    return { path, findings: judgeRun(path).findings }
  }
  let run = savedRun === undefined ? undefined : Promise.resolve(take(findRun(savedRun, savedRun)))
  const held = made.move()
  return {
    savedRun() {
      run ??= saveRun(take, signal).catch((error: unknown) => {
        run = undefined // the next fault that needs one tries again
        throw error
      })
      return run
    },
    [Symbol.dispose]: () => held.dispose(),
  }
}

/** @throws when even a run that nothing happens to does not go well */
async function saveRun(take: (from: string) => SavedRun, signal: AbortSignal): Promise<SavedRun> {
  await using scene = openScene(signal)
  const seen = await scene.start(bench(...runToDamage(scene.out))).ended
  const wrong = [
    ...judgeCommand(seen, { ends: [ExitCode.pass] }),
    ...seeRuns(scene.out).flatMap((run) => judgeRunFolder(run, false)),
  ]
  if (wrong.length > 0) throw new Error(`a run that nothing was done to went wrong: ${wrong.join('; ')}`)
  return take(findRun(scene.out, scene.out))
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? ExitCode.pass : ExitCode.usage
  else {
    say(`faults: ${messageOf(error)}`)
    process.exitCode = exitCodeOf(error)
  }
}
