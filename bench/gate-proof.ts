/** Proves the gate: runs it on unchanged and on broken heads, as often as asked for, and prints how often it was right. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { strategies } from '../servers/strategies/index.ts'
import { named, namedList } from './arguments.ts'
import { findBinaries } from './binaries/find.ts'
import { ExitCode, exitCodeOf, isAbort, messageOf, UsageError } from './errors.ts'
import { duration } from './gate/arguments.ts'
import { findBase } from './gate/base-commit.ts'
import { scenarios } from './gate/proof/plants.ts'
import { appendProof, type ProvenGate, packProof, readProof } from './gate/proof/proof-file.ts'
import { proofOf } from './gate/proof/proof-report.ts'
import { nextScenario, proofKind, proveOnce, strategyOfKind } from './gate/proof/prove.ts'
import { renderProof } from './gate/proof/render-proof.ts'
import { inSession } from './session.ts'
import { logText } from './text/workflow-command.ts'

const project = fileURLToPath(new URL('../', import.meta.url))
const say = (line: string) => process.stderr.write(`${logText(line)}\n`)

/** Where the pairs of the proofs lie that are kept in the repository, a file for each strategy. */
const recorded = join(project, 'bench', 'gate', 'proof', 'recorded')
/** So much is kept in the repository at most. */
const mostBytes = 2e6

interface RunOptions {
  readonly gates: string
  readonly maxTime: number
  readonly scenarios?: string
  readonly strategy: string
  readonly draw: string
  readonly file: string
}

const program = new Command('gate:proof').description(
  'Runs real gates on unchanged and on broken heads, and tells how often they were right.',
)
const drawOption = [
  '--draw <n>',
  'gates drawn from the unchanged ones for each slow-down, 0 for none',
  '2000',
] as const
const fileOption = ['--file <path>', 'takes the gates', 'results/gate-proof/gates.jsonl'] as const

program
  .command('run', { isDefault: true })
  .description('runs gates; goes on where an earlier session stopped')
  .option(
    '--gates <n>',
    'gates on an unchanged head, and on each slow-down; a quarter as many per other fault',
    '20',
  )
  .option('--max-time <time>', 'when to begin no further gate', duration, 24 * 60 * 60_000)
  .option('--scenarios <a,b>', scenarios.map(({ name }) => name).join(', '))
  .option('--strategy <name>', 'the strategy that is measured', 'redis')
  .option(...drawOption)
  .option(...fileOption)
  .action(run)

program
  .command('check')
  .description('decides recorded gates again and draws new ones from them; measures nothing')
  .argument('[files...]', 'of gates; otherwise those in the repository')
  .option(...drawOption)
  .action((files: string[], { draw }: Pick<RunOptions, 'draw'>) => check(files, count('--draw', draw)))

program
  .command('pack')
  .description('writes the gates of each strategy into a file for the repository')
  .option(...fileOption)
  .action(({ file }: Pick<RunOptions, 'file'>) => pack(file))

for (const command of [program, ...program.commands]) command.exitOverride()

function count(option: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= 1e6) return value
  throw new UsageError(`${option} is '${text}'; expected a whole number`)
}

async function run(options: RunOptions): Promise<void> {
  const gates = count('--gates', options.gates)
  const draws = count('--draw', options.draw)
  const strategy = named('strategy', options.strategy, strategies).name
  const chosen = namedList('scenario', options.scenarios, scenarios)
  const kind = proofKind(strategy)
  const done = () => readProof(options.file).filter((gate) => gate.kind === kind)
  if (nextScenario(chosen, done(), gates) !== null) {
    await inSession(process.exit, say, async (workspace, signal) => {
      const base = await findBase(project, { ref: 'HEAD' }, signal)
      if (!base.isHead)
        throw new UsageError('servers/ has uncommitted changes; a proof needs base and head to be the same')
      const binaries = await findBinaries(['nginx', 'redis-server'], { signal, notify: say })
      const context = { project, base, strategy, binaries, workspace, notify: say }
      const endMs = performance.now() + options.maxTime
      for (;;) {
        const scenario = nextScenario(chosen, done(), gates)
        if (scenario === null || performance.now() > endMs) return
        const gate = await proveOnce(scenario, context, signal)
        appendProof(options.file, gate)
        say(
          `${gate.startedAt} ${scenario.name}: ${gate.verdict}, ${gate.pairs.length} pairs, ${Math.round(gate.wallMs / 1000)} s ${gate.worse.join(', ')}`,
        )
      }
    })
  }
  const text = report(options.file, done(), draws)
  writeFileSync(join(dirname(options.file), 'proof.md'), text)
  process.stdout.write(text)
}

function check(files: readonly string[], draws: number): void {
  const all = files.length > 0 ? files : recordedFiles()
  process.stdout.write(all.map((file) => report(file, readProof(file), draws)).join('\n'))
}

function recordedFiles(): string[] {
  const names = existsSync(recorded) ? readdirSync(recorded).filter((name) => name.endsWith('.gz')) : []
  if (names.length === 0) throw new UsageError(`there are no gates in ${recorded}; give a file of them`)
  return names.toSorted().map((name) => join(recorded, name))
}

/** Of each strategy the gates that measured as gates measure now. */
function pack(file: string): void {
  const done = readProof(file)
  for (const { name } of strategies) {
    const gates = done.filter(({ kind }) => kind === proofKind(name))
    if (gates.length === 0) continue
    const to = join(recorded, `${name}.jsonl.gz`)
    const bytes = packProof(to, gates)
    say(`${gates.length} gates of ${name}: ${(bytes / 1e6).toFixed(2)} MB in ${to}`)
    if (bytes > mostBytes)
      throw new UsageError(`${to} is larger than ${mostBytes / 1e6} MB; do not commit it`)
  }
}

function report(file: string, gates: readonly ProvenGate[], draws: number): string {
  const kinds = [...Map.groupBy(gates, ({ kind }) => kind).values()]
  if (kinds.length === 0) throw new UsageError(`${file} holds no gates of this kind yet`)
  return kinds
    .map((ofKind) => {
      const name = strategyOfKind(ofKind[0]!.kind)
      const strategy = strategies.find((one) => one.name === name)
      if (strategy === undefined) throw new UsageError(`${file} holds gates of ${name}, which is no strategy`)
      return renderProof(proofOf(strategy, ofKind, scenarios, draws), scenarios)
    })
    .join('\n')
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? ExitCode.pass : ExitCode.usage
  else {
    if (!isAbort(error)) say(`gate:proof: ${messageOf(error)}`)
    process.exitCode = exitCodeOf(error)
  }
}
