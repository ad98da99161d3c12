/** The command `baseline update`, and the gate against what it has written. */
import { randomInt } from 'node:crypto'
import { control, strategies } from '../../servers/strategies/index.ts'
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import { namedList } from '../arguments.ts'
import { findBinaries } from '../binaries/find.ts'
import { localDriver } from '../cluster/local.ts'
import type { Workspace } from '../cluster/workspace.ts'
import { ClusterError, ExitCode, messageOf, UsageError } from '../errors.ts'
import { compareWithBaseline } from '../gate/baseline-compare.ts'
import {
  checkBaselineFile,
  checkFingerprint,
  fingerprintHere,
  keptFrom,
  pairsOf,
  readBaseline,
  writeBaseline,
} from '../gate/baseline-record.ts'
import { compareFindings } from '../gate/correctness.ts'
import { createGateFolder } from '../gate/gate-folder.ts'
import { gateSchemaVersion } from '../gate/gate-record.ts'
import {
  type BaselineObserver,
  baselineInstruments,
  baselineMetrics,
  type CompareLogins,
  leastBaselinePairs,
  type MeasuredStrategy,
  measureBaseline,
} from '../gate/measure-baseline.ts'
import { defaultSettings } from '../gate/pair.ts'
import { together } from '../gate/run-gate.ts'
import { newRunId } from '../record/folder.ts'
import { provenance } from '../record/provenance.ts'
import { inSession } from '../session.ts'
import { seededRandom } from '../stats/random.ts'
import { concludeGate } from './conclude-gate.ts'
import type { Terminal } from './terminal.ts'

/** As it is typed. */
export interface BaselineOptions {
  readonly strategies?: string
  readonly pairs?: number
  readonly replicas: number
  readonly file: string
}

/** Measures the working tree and writes the baseline; then ends the process. */
export async function baselineCommand(options: BaselineOptions, terminal: Terminal): Promise<void> {
  const { file, replicas } = options
  const chosen = namedList('strategy', options.strategies, strategies)
  checkBaselineFile(file)
  const others = strategies.filter((strategy) => !chosen.includes(strategy))
  const kept = keptFrom(file, namesOf(others), fingerprintHere(replicas))
  const least = leastBaselinePairs(chosen.length + kept.length)
  if (pairsOf(kept) < least) {
    throw new UsageError(
      `the baseline ${file} has ${pairsOf(kept)} pairs of ${namesOf(kept).join(', ')}; expected at least ${least} beside ${namesOf(chosen).join(', ')}: measure them together, or write another file with --file`,
    )
  }
  const pairs = options.pairs ?? least
  if (pairs < least) {
    throw new UsageError(
      `--pairs is '${pairs}'; expected at least ${least} for ${chosen.length + kept.length} strategies`,
    )
  }
  await inSession(terminal.exit, terminal.say, async (workspace, signal) => {
    const request = { chosen, pairs, replicas, seed: randomInt(2 ** 32) }
    const measured = await measure(request, terminal, workspace, signal, {
      pair() {},
      fails(name, error) {
        const why = messageOf(error.cause)
        throw new ClusterError(`${name} does not run, so ${file} was not written: ${why}`, { cause: error })
      },
    })
    const all = [...kept, ...measured.map((one) => one.measured)]
    writeBaseline(file, {
      ...fingerprintHere(replicas),
      strategies: strategies.flatMap(({ name }) => all.filter((one) => one.name === name)),
    })
    const beside = kept.length === 0 ? '' : `, where ${namesOf(kept).join(', ')} stayed as before`
    terminal.say(`written to ${file}${beside}; commit it`)
  })
  terminal.exit(ExitCode.pass)
}

function namesOf(entries: readonly { readonly name: string }[]): string[] {
  return entries.map(({ name }) => name)
}

interface MeasureRequest {
  readonly chosen: readonly StrategyInfo[]
  readonly pairs: number
  readonly replicas: number
  readonly seed: number
}

async function measure(
  { chosen, pairs, replicas, seed }: MeasureRequest,
  { say }: Terminal,
  workspace: Workspace,
  signal: AbortSignal,
  observer: BaselineObserver,
  compareLogins?: CompareLogins,
): Promise<MeasuredStrategy[]> {
  const binaries = await findBinaries(['nginx', 'redis-server'], { signal, notify: say })
  const head = {
    side: 'head' as const,
    driver: localDriver(binaries, workspace),
    strategies: [...strategies, control],
  }
  const random = seededRandom(seed)
  const options = { control, settings: defaultSettings, replicas, seed }
  const instruments = baselineInstruments(head, options, random, signal)
  const saying: BaselineObserver = {
    pair(pair) {
      observer.pair(pair)
      say(`${pair.strategy}: pair ${pair.index + 1} of ${pairs}`)
    },
    fails: observer.fails,
  }
  return measureBaseline(chosen, pairs, random, instruments, saying, compareLogins)
}

/** What the gate was asked for, as far as a baseline knows of it. */
export interface BaselineGateOptions {
  readonly baseline: string
  readonly strategies?: string
  readonly tolerance: number
  readonly strict: boolean
  readonly replicas?: number
  readonly seed?: number
  readonly out: string
}

/**
 * As many pairs as the baseline has, decided once: nothing runs beside head that would make looking early worth it.
 * @returns the exit code
 * @throws {UsageError} when there is no baseline that fits this machine, or it has none of the strategies
 */
export async function gateAgainstBaseline(
  options: BaselineGateOptions,
  terminal: Terminal,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<number> {
  const startedAt = new Date()
  const before = readBaseline(options.baseline)
  checkFingerprint(options.baseline, before, fingerprintHere(options.replicas ?? before.replicas))
  const chosen = namedList('strategy', options.strategies, strategies)
  const common = chosen.filter(({ name }) => namesOf(before.strategies).includes(name))
  const missing = chosen.filter((strategy) => !common.includes(strategy))
  if (common.length === 0 || (options.strategies !== undefined && missing.length > 0)) {
    throw new UsageError(
      `the baseline ${options.baseline} has no ${namesOf(missing).join(', ')}; it has ${namesOf(before.strategies).join(', ')}`,
    )
  }
  for (const { name } of missing) terminal.say(`${name}: not in the baseline, not compared`)
  const metrics = baselineMetrics()
  const pairs = pairsOf(before.strategies.filter(({ name }) => namesOf(common).includes(name)))
  const least = leastBaselinePairs(common.length)
  if (pairs < least) {
    throw new UsageError(
      `the baseline ${options.baseline} has ${pairs} pairs of each strategy; expected at least ${least}: baseline update --pairs ${least}`,
    )
  }
  const seed = options.seed ?? randomInt(2 ** 32)
  terminal.say(`${options.baseline}; ${namesOf(common).join(', ')}; seed ${seed}, ${pairs} pairs of each`)
  const id = newRunId(startedAt)
  const folder = createGateFolder(options.out, id)
  const clock = performance.now()
  const request = { chosen: common, pairs, replicas: before.replicas, seed }
  const beforeOf = (name: string) => before.strategies.find((one) => one.name === name)!
  const observer: BaselineObserver = {
    pair: folder.appendPair,
    fails: (name) => terminal.say(`${name}: does not run`),
  }
  const found = await measure(request, terminal, workspace, signal, observer, (name, findings) =>
    compareFindings(beforeOf(name).findings, findings),
  )
  const compared = found.map(({ measured: { name, logRatios }, correctness, failure }) =>
    compareWithBaseline({
      before: beforeOf(name),
      correctness,
      logRatios,
      failure,
      metrics,
      tolerance: options.tolerance,
      strategies: common.length,
    }),
  )
  const { versions, commit, dirty, machine } = provenance()
  const wallMs = performance.now() - clock
  return concludeGate(
    {
      schemaVersion: gateSchemaVersion,
      id,
      startedAt: startedAt.toISOString(),
      argv: process.argv.slice(2),
      seed,
      base: { commit: before.commit ?? 'unknown', described: `${options.baseline} of ${before.createdAt}` },
      head: { commit, dirty },
      replicas: before.replicas,
      maxTimeMs: wallMs,
      versions,
      machine,
      verdict: together(compared.map(({ verdict }) => verdict)),
      strategies: compared,
      timing: { wallMs, correctnessMs: 0, pairsMs: wallMs },
    },
    folder,
    options.strict,
    terminal,
  )
}
