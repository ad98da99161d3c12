/** Proves the gate: runs it on unchanged and on broken heads, as often as asked for, and prints how often it was right. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { strategies } from '../servers/strategies/index.ts'
import { named, namedList } from './arguments.ts'
import { findBinaries } from './binaries/find.ts'
import { ExitCode, exitCodeOf, isAbort, messageOf, UsageError } from './errors.ts'
import { duration } from './gate/arguments.ts'
import { findBase } from './gate/base-commit.ts'
import { expectedCorrectnessMs } from './gate/correctness.ts'
import { defaultSettings, expectedPairMs } from './gate/pair.ts'
import { scenarios } from './gate/proof/plants.ts'
import { appendProof, readProof } from './gate/proof/proof-file.ts'
import { iterationsFor, nextScenario, proofKind, proofMetrics, proveOnce } from './gate/proof/prove.ts'
import { rateOf, simulateRate } from './gate/proof/rates.ts'
import { renderProof } from './gate/proof/render-proof.ts'
import { inSession } from './session.ts'
import { DEFAULT_TOLERANCE, leastPairs } from './stats/gate-plan.ts'
import { seededRandom } from './stats/random.ts'

const project = fileURLToPath(new URL('../', import.meta.url))
const say = (line: string) => process.stderr.write(`${line}\n`)

interface ProofOptions {
  readonly gates: string
  readonly maxTime: number
  readonly scenarios?: string
  readonly strategy: string
  readonly simulate: string
  readonly file: string
}

const program = new Command('gate:proof')
  .description('Runs real gates on unchanged and on broken heads. Goes on where an earlier session stopped.')
  .option(
    '--gates <n>',
    'gates on an unchanged head; half as many per slow-down, a quarter per other fault',
    '40',
  )
  .option('--max-time <time>', 'when to begin no further gate', duration, 24 * 60 * 60_000)
  .option('--scenarios <a,b>', scenarios.map(({ name }) => name).join(', '))
  .option('--strategy <name>', 'the strategy that is measured', 'redis')
  .option('--simulate <n>', 'simulated gates per scenario, 0 for none', '2000')
  .option('--file <path>', 'takes the gates', 'results/gate-proof/gates.jsonl')
  .exitOverride()

function count(option: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= 1e6) return value
  throw new UsageError(`${option} is '${text}'; expected a whole number`)
}

async function main(): Promise<void> {
  const options = program.parse().opts<ProofOptions>()
  const gates = count('--gates', options.gates)
  const simulated = count('--simulate', options.simulate)
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
        const gate = await proveOnce(scenario, iterationsFor(scenario, done()), context, signal)
        appendProof(options.file, gate)
        say(
          `${gate.startedAt} ${scenario.name}: ${gate.verdict}, ${gate.pairs.length} pairs, ${Math.round(gate.wallMs / 1000)} s ${gate.worse.join(', ')}`,
        )
      }
    })
  }
  report(options.file, strategy, simulated)
}

function report(file: string, strategy: string, simulated: number): void {
  const metrics = proofMetrics(strategy)
  const kind = proofKind(strategy)
  const all = readProof(file).filter((gate) => gate.kind === kind)
  const of = (name: string) => all.filter((gate) => gate.scenario === name)
  const real = scenarios.flatMap(({ name }) =>
    of(name).length === 0 ? [] : [rateOf(name, of(name), metrics)],
  )
  if (real.length === 0) throw new UsageError(`${file} holds no gates of this kind yet`)
  const noise = of('unchanged').flatMap(({ pairs }) => pairs)
  const random = seededRandom(1)
  // Fewer pairs than this are drawn again and again: that is no noise to speak of.
  const enough = noise.length >= leastPairs(metrics.length, 0.01)
  const drawn = scenarios
    .filter(({ cpu, expected }) => cpu > 0 || expected === 'fine')
    .map(({ name, cpu, maxTimeMs }) => {
      const maxPairs = Math.floor((maxTimeMs - expectedCorrectnessMs) / expectedPairMs(defaultSettings))
      return { scenario: name, gates: simulated, maxPairs, tolerance: DEFAULT_TOLERANCE, cpu }
    })
  const rates =
    simulated === 0 || !enough ? [] : drawn.map((one) => simulateRate(one, noise, metrics, random))
  const text = renderProof(real, rates, scenarios, noise, metrics)
  writeFileSync(join(dirname(file), 'proof.md'), text)
  process.stdout.write(text)
}

try {
  await main()
} catch (error) {
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? ExitCode.pass : ExitCode.usage
  else {
    if (!isAbort(error)) say(`gate:proof: ${messageOf(error)}`)
    process.exitCode = exitCodeOf(error)
  }
}
