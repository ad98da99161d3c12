/**
 * The command line: argv to command to exit code. The only place that ends the process.
 *
 * A command's own file is loaded when it is run, since all of them together take their time and memory; so what is
 * loaded here is only what the help needs.
 */
import { Command, CommanderError, Option } from 'commander'
import {
  defaultReplicas,
  named,
  pairCount,
  portNumber,
  replicaCount,
  seedNumber,
  userCount,
} from './arguments.ts'
import type { BaselineOptions } from './commands/baseline.ts'
import type { ClusterOptions } from './commands/cluster.ts'
import type { CompareOptions } from './commands/compare.ts'
import type { GateOptions } from './commands/gate.ts'
import type { RunOptions } from './commands/run.ts'
import type { VerdictOptions } from './commands/verdict.ts'
import { drivers } from './drivers.ts'
import { describeError, ExitCode, exitCodeOf, isAbort, UsageError } from './errors.ts'
import { presets } from './experiments/experiment.ts'
import { duration, tolerance } from './gate/arguments.ts'
import { comparisonFormats } from './gate/comparison-formats.ts'
import { verdictFormats } from './gate/verdict-formats.ts'
import { openTerminal } from './output.ts'
import { DEFAULT_TOLERANCE } from './stats/gate-plan.ts'

const defaultOut = 'results'

const terminal = openTerminal(exit)
let help = Promise.resolve()

const program = new Command('sessionbench')
  .description(
    'Where should the login sessions of a replicated Node app live? Starts real clusters and measures who stays\nlogged in, what survives restarts and crashes, and what each choice costs per request.',
  )
  .showHelpAfterError('(--help tells what there is)')
  .exitOverride()
  .configureOutput({
    writeOut(text) {
      help = terminal.print(text)
    },
  })
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    'after',
    `
Examples:
  $ npm run bench                                          all strategies, all experiments
  $ npm run bench -- --preset quick                        half a minute: logins and faults, no costs
  $ npm run bench -- --strategies redis,cookie --experiments throughput
  $ npm run bench -- --experiments restart-survival --replicas 4 --seed 1
  $ npm run bench -- report results/latest                 a saved run again
  $ npm run cluster -- --strategy redis --replicas 3       one cluster to try by hand
  $ npm run doctor                                         what this machine has and lacks
  $ npm run bench -- --out results/before                  a run to compare a later one with:
  $ npm run bench -- compare results/before results/latest
  $ npm run bench -- gate                                  is this tree worse than where it left the main branch?
  $ npm run bench -- verdict results/gates/latest          what it said, again
  $ npm run bench -- baseline update                       figures to commit, for gate --baseline

Exit codes: 0 done, 1 the harness failed, 2 wrong usage or environment, 3 done, but a strategy could not be measured,
99 the gate failed, 130 interrupted.`,
  )

program
  .command('run', { isDefault: true })
  .allowExcessArguments() // a mistyped command ends up here, and is named below
  .description('measure, compare and save (the default command)')
  .option('--strategies <a,b>', 'where sessions live (default: all; see list)')
  .option('--experiments <x,y>', 'what to ask (default: all; see list)')
  .option(
    '--replicas <n>',
    'replicas per cluster (costs are taken on 2 at most)',
    replicaCount,
    defaultReplicas,
  )
  .option('--users <n>', 'simulated users per cluster (default: as the preset says)', userCount)
  .option(
    '--preset <name>',
    `how much to measure: ${presets.join(', ')} (half a minute, three, a quarter of an hour)`,
    'default',
  )
  .option('--seed <n>', 'repeats the choices of an earlier run (default: a new one)', seedNumber)
  .option('--out <dir>', 'where the folder of the run is made', defaultOut)
  .option('--driver <name>', `how clusters are run: ${drivers.map(({ name }) => name).join(', ')}`, 'auto')
  .addHelpText('after', '\nExample:\n  $ npm run bench -- --strategies memory,redis --preset quick')
  .action(async (options: RunOptions, command: Command) => {
    if (command.args.length > 0) await refuseArgument(command.args[0]!)
    const { runCommand } = await import('./commands/run.ts')
    await runCommand(options, terminal)
  })

program
  .command('report')
  .description('judge and print a saved run again')
  .argument('<run>', 'its folder, or a folder of runs for the latest one')
  .option('--out <dir>', 'where to look for a run that is given by its id', defaultOut)
  .addHelpText('after', '\nExample:\n  $ npm run bench -- report results/latest')
  .action(async (argument: string, options: { out: string }) => {
    const { reportCommand } = await import('./commands/report.ts')
    await reportCommand(argument, options, terminal)
  })

program
  .command('compare')
  .description('compare two saved runs, finding by finding')
  .argument('<before>', 'the folder of a run, or its id')
  .argument('<after>', 'the folder of the run to compare with it')
  .option('--format <name>', comparisonFormats.join(', '), 'text')
  .option('--out <dir>', 'where to look for runs that are given by their ids', defaultOut)
  .addHelpText(
    'after',
    '\nA change in code is found more surely by the gate, which measures base and head side by side.\n\nExample:\n  $ npm run bench -- compare results/before results/latest',
  )
  .action(async (before: string, after: string, options: CompareOptions) => {
    const { compareCommand } = await import('./commands/compare.ts')
    await compareCommand(before, after, options, terminal)
  })

program
  .command('gate')
  .description('is head worse than base by more than is accepted? Measures both side by side, for CI')
  .option('--against <ref>', 'the base (default: where head left the main branch)')
  .option('--baseline <file>', 'compare with committed figures instead of a commit (see baseline update)')
  .option('--strategies <a,b>', 'what is compared (default: all; see list)')
  .addOption(
    new Option(
      '--tolerance <percent>',
      'the change that is accepted; half of the smallest change to be found',
    )
      .argParser(tolerance)
      .default(DEFAULT_TOLERANCE, `${100 * DEFAULT_TOLERANCE}%`),
  )
  .option('--max-time <time>', 'when to stop measuring (default: 300s for each strategy)', duration)
  .option('--strict', 'fail also when undecided', false)
  .option(
    '--replicas <n>',
    `replicas per cluster when logins are checked (default: ${defaultReplicas}, or as the baseline has it)`,
    replicaCount,
  )
  .option('--seed <n>', 'repeats the choices of an earlier gate (default: a new one)', seedNumber)
  .option('--out <dir>', 'where gates/<id> is made', defaultOut)
  .addHelpText(
    'after',
    '\nExits with 0 when head is not worse by more than is accepted, or undecided without --strict; with 99 when it is\nworse; with 2 when it cannot be measured here.\n\nExamples:\n  $ npm run bench -- gate\n  $ npm run bench -- gate --against v1.2 --strategies redis,cookie --tolerance 5% --max-time 10m',
  )
  .action(async (options: GateOptions) => {
    const { gateCommand } = await import('./commands/gate.ts')
    await gateCommand(options, terminal)
  })

program
  .command('verdict')
  .description('print again what a gate has found, and end as it did')
  .argument('<gate>', 'its folder, its gate.json, or a folder of gates for the latest one')
  .option('--format <name>', verdictFormats.join(', '), 'text')
  .option('--strict', 'fail also when undecided', false)
  .addHelpText('after', '\nExample:\n  $ npm run bench -- verdict results/gates/latest')
  .action(async (argument: string, options: VerdictOptions) => {
    const { verdictCommand } = await import('./commands/verdict.ts')
    await verdictCommand(argument, options, terminal)
  })

program
  .command('baseline')
  .description('the committed figures that `gate --baseline` compares with')
  .command('update')
  .description('measure the working tree, and write the baseline')
  .option('--strategies <a,b>', 'what is measured again; others in the file stay (default: all; see list)')
  .option(
    '--pairs <n>',
    'fresh pairs of clusters for each strategy (default: the least that will do)',
    pairCount,
  )
  .option('--replicas <n>', 'replicas per cluster when logins are checked', replicaCount, defaultReplicas)
  .option('--file <path>', 'where it is written', 'results/baseline.json')
  .addHelpText(
    'after',
    '\nExamples:\n  $ npm run bench -- baseline update\n  $ npm run bench -- gate --baseline results/baseline.json',
  )
  .action(async (options: BaselineOptions) => {
    const { baselineCommand } = await import('./commands/baseline.ts')
    await baselineCommand(options, terminal)
  })

program
  .command('cluster')
  .description('run one cluster in the foreground, to try it with curl or a browser; Ctrl-C stops it')
  .requiredOption('--strategy <name>', 'where sessions live (see list)')
  .option('--replicas <n>', 'replicas behind the balancer', replicaCount, defaultReplicas)
  .option('--port <n>', 'where it listens on 127.0.0.1 (default: a free port)', portNumber)
  .option('--driver <name>', `how it is run: ${drivers.map(({ name }) => name).join(', ')}`, 'auto')
  .addHelpText('after', '\nExample:\n  $ npm run cluster -- --strategy redis --replicas 3 --port 8080')
  .action(async (options: ClusterOptions) => {
    const { clusterCommand } = await import('./commands/cluster.ts')
    await clusterCommand(options, terminal)
  })

program
  .command('doctor')
  .description('what this machine has, where and in which version, and what is missing')
  .action(async () => {
    const { doctorCommand } = await import('./commands/doctor.ts')
    await doctorCommand(defaultOut, terminal)
  })

program
  .command('clean')
  .description('remove what killed runs have left running or lying about')
  .action(async () => {
    const { cleanCommand } = await import('./commands/clean.ts')
    await cleanCommand(terminal)
  })

program
  .command('list')
  .description('the strategies, experiments, faults, presets and drivers there are')
  .action(async () => {
    const { listCommand } = await import('./commands/list.ts')
    await listCommand(terminal)
  })

/** @throws {UsageError} saying what was probably meant */
async function refuseArgument(typed: string): Promise<never> {
  const { optionFor } = await import('./commands/option-for.ts')
  const option = optionFor(typed)
  const isCommand = program.args[0] === 'run' // otherwise it stands where a command would
  if (option === undefined && !isCommand) {
    const commands = program.commands.map((known) => ({ name: known.name() }))
    named('command', typed, commands)
  }
  const meant =
    option === undefined
      ? 'run takes options only; see npm run bench -- run --help'
      : `did you mean ${option} ${typed}?`
  throw new UsageError(`unexpected argument '${typed}'; ${meant}`)
}

function exit(code: number): void {
  process.exit(code)
}

try {
  await program.parseAsync().catch((error: unknown) => {
    if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error
    return help // that was all
  })
} catch (error) {
  if (error instanceof CommanderError) exit(ExitCode.usage)
  if (!isAbort(error)) terminal.say(describeError(error))
  exit(exitCodeOf(error))
}
