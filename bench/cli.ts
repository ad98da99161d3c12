/** The command line: argv to command to exit code. The only place that ends the process. */
import { randomInt } from 'node:crypto'
import { Command, CommanderError } from 'commander'
import { control, strategies } from '../servers/strategies/index.ts'
import { named, namedList, portNumber, replicaCount, seedNumber, userCount } from './arguments.ts'
import { inspect } from './binaries/doctor.ts'
import { renderDoctor } from './binaries/render-doctor.ts'
import { faults } from './cluster/faults.ts'
import { sweepLeftovers } from './cluster/leftovers.ts'
import { registerBaseline } from './commands/baseline.ts'
import { registerCompare } from './commands/compare.ts'
import { registerGate } from './commands/gate.ts'
import { drivers } from './drivers.ts'
import { ExitCode, exitCodeOf, isAbort, messageOf, systemCode, UsageError } from './errors.ts'
import { presets } from './experiments/experiment.ts'
import { experiments } from './experiments/index.ts'
import { judgeRun } from './judge.ts'
import { openProgress } from './progress.ts'
import { checkOut, findRun, openForWriting, readRun } from './record/folder.ts'
import { renderMarkdown } from './report/markdown.ts'
import { renderTerminal } from './report/terminal.ts'
import { planTrials, run } from './run.ts'
import { inSession } from './session.ts'

const defaultOut = 'results'
const defaultReplicas = 3

const say = (line: string) => process.stderr.write(`${line}\n`)

const program = new Command('sessionbench')
  .description(
    'Where should the login sessions of a replicated Node app live? Starts real clusters and measures who stays\nlogged in, what survives restarts and crashes, and what each choice costs per request.',
  )
  .showHelpAfterError('(--help tells what there is)')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    'after',
    `
Examples:
  $ npm run bench                                          all strategies, all experiments
  $ npm run bench -- --preset quick                        the same in a third of the time
  $ npm run bench -- --strategies redis,cookie --experiments throughput
  $ npm run bench -- --experiments restart-survival --replicas 4 --seed 1
  $ npm run bench -- report results/latest                 a saved run again
  $ npm run cluster -- --strategy redis --replicas 3       one cluster to try by hand
  $ npm run doctor                                         what this machine has and lacks

Exit codes: 0 done, 1 the harness failed, 2 wrong usage or environment, 99 a threshold failed, 130 interrupted.`,
  )

program
  .command('run', { isDefault: true })
  .allowExcessArguments() // a mistyped command ends up here, and is named below
  .description('measure, compare and save (the default command)')
  .option('--strategies <a,b>', 'where sessions live (default: all; see list)')
  .option('--experiments <x,y>', 'what to ask (default: all; see list)')
  .option('--replicas <n>', 'replicas per cluster', replicaCount, defaultReplicas)
  .option('--users <n>', 'simulated users per cluster (default: as the preset says)', userCount)
  .option('--preset <name>', `how much to measure: ${presets.join(', ')}`, 'default')
  .option('--seed <n>', 'repeats the choices of an earlier run (default: a new one)', seedNumber)
  .option('--out <dir>', 'where the folder of the run is made', defaultOut)
  .option('--driver <name>', `how clusters are run: ${drivers.map(({ name }) => name).join(', ')}`, 'auto')
  .addHelpText('after', '\nExample:\n  $ npm run bench -- --strategies memory,redis --preset quick')
  .action(async (options: RunOptions, command: Command) => {
    const [typed] = command.args
    if (typed !== undefined) {
      const commands = program.commands.map((known) => ({ name: known.name() }))
      named('command', typed, commands)
      throw new UsageError(`'run' takes options only, not '${typed}'; see npm run bench -- run --help`)
    }
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
      const expectedMs = trials.reduce(
        (sum, { spec, experiment }) => sum + spec.expectedMs / experiment.sideBySide,
        0,
      )
      const progress = openProgress(process.stderr, trials.length, expectedMs)
      progress.note(
        `${request.plan.strategies.length} strategies × ${request.experiments.length} experiments, ${options.replicas} replicas, preset ${preset}, driver ${driver.name}, seed ${request.seed}`,
      )
      const result = await run(request, driver, progress, signal).finally(() => progress.close())
      print(renderTerminal(result.record, result.summary, terminal()))
      say(`saved in ${result.path}`)
      if (result.failure === null) return ExitCode.pass
      say(
        isAbort(result.failure)
          ? 'interrupted: what was finished is saved, the run is partial'
          : describe(result.failure),
      )
      return exitCodeOf(result.failure)
    })
    exit(code)
  })

program
  .command('report')
  .description('judge and print a saved run again')
  .argument('<run>', 'its folder, or a folder of runs for the latest one')
  .option('--out <dir>', 'where to look for a run that is given by its id', defaultOut)
  .addHelpText('after', '\nExample:\n  $ npm run bench -- report results/latest')
  .action((argument: string, options: { out: string }) => {
    const path = findRun(argument, options.out)
    const record = readRun(path)
    const summary = judgeRun(path)
    const folder = openForWriting(path)
    folder.writeSummary(summary)
    folder.writeText('summary.md', renderMarkdown(record, summary))
    print(renderTerminal(record, summary, terminal()))
  })

registerCompare(program, print)
registerGate(program, { print, say, exit })
registerBaseline(program, { print, say, exit })

program
  .command('cluster')
  .description('run one cluster in the foreground, to try it with curl or a browser; Ctrl-C stops it')
  .requiredOption('--strategy <name>', 'where sessions live (see list)')
  .option('--replicas <n>', 'replicas behind the balancer', replicaCount, defaultReplicas)
  .option('--port <n>', 'where it listens on 127.0.0.1 (default: a free port)', portNumber)
  .option('--driver <name>', `how it is run: ${drivers.map(({ name }) => name).join(', ')}`, 'auto')
  .addHelpText('after', '\nExample:\n  $ npm run cluster -- --strategy redis --replicas 3 --port 8080')
  .action(async (options: ClusterOptions) => {
    const strategy = named('strategy', options.strategy, [...strategies, control])
    const driverEntry = named('driver', options.driver, drivers)
    await inSession(exit, say, async (workspace, signal) => {
      await using driver = await driverEntry.open({ workspace, signal, notify: say })
      await using cluster = await driver.start(
        {
          strategy,
          replicas: options.replicas,
          ...(options.port === undefined ? {} : { port: options.port }),
        },
        signal,
      )
      print(`${strategy.name}, ${options.replicas} replicas: ${cluster.entry.origin}

  curl -c jar -b jar -H 'Content-Type: application/json' -d '{"user":"alice"}' ${cluster.entry.origin}/login
  curl -c jar -b jar ${cluster.entry.origin}/me
  curl -c jar -b jar -X POST ${cluster.entry.origin}/counter
  curl -c jar -b jar -X POST ${cluster.entry.origin}/logout

Ctrl-C stops it.
`)
      await aborted(signal)
    })
    exit(ExitCode.pass)
  })

program
  .command('doctor')
  .description('what this machine has, where and in which version, and what is missing')
  .action(async () => {
    const checks = await inspect({ resultsDir: defaultOut })
    print(renderDoctor(checks))
    exit(checks.some((check) => check.status === 'missing') ? ExitCode.usage : ExitCode.pass)
  })

program
  .command('clean')
  .description('remove what killed runs have left running or lying about')
  .action(async () => {
    let found = false
    await sweepLeftovers((line) => {
      found = true
      say(line)
    })
    if (!found) say('nothing was left')
  })

program
  .command('list')
  .description('the strategies, experiments, faults, presets and drivers there are')
  .action(() => {
    const section = (title: string, rows: readonly (readonly [string, string])[]) => {
      const width = Math.max(...rows.map(([name]) => name.length))
      return `${title}\n${rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`.trimEnd()).join('\n')}\n`
    }
    print(
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
  })

interface RunOptions {
  readonly strategies?: string
  readonly experiments?: string
  readonly replicas: number
  readonly users?: number
  readonly preset: string
  readonly seed?: number
  readonly out: string
  readonly driver: string
}

interface ClusterOptions {
  readonly strategy: string
  readonly replicas: number
  readonly port?: number
  readonly driver: string
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

function terminal() {
  return {
    columns: process.stdout.columns ?? 100,
    colours: process.stdout.isTTY && process.stdout.hasColors(),
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, 60_000) // an open signal alone does not keep the process running
    const done = () => {
      clearInterval(alive)
      resolve()
    }
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}

function describe(error: unknown): string {
  if (systemCode(error) === 'ENOSPC') {
    return `sessionbench: no space left on the device (${messageOf(error)}); make room, or choose another folder with --out`
  }
  return `sessionbench: ${messageOf(error)}`
}

function exit(code: number): void {
  process.exit(code)
}

// Whoever reads may have seen enough (`| head`): what was done stays done, and the rest goes unread.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (systemCode(error) !== 'EPIPE') throw error
  })
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) exit(error.exitCode === 0 ? ExitCode.pass : ExitCode.usage)
  if (!isAbort(error)) say(describe(error))
  exit(exitCodeOf(error))
}
