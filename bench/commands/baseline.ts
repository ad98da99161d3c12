/** The command `baseline update`, and the gate against what it has written. */
import { randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { namedList } from '../arguments.ts'
import { findBinaries } from '../binaries/find.ts'
import { localDriver } from '../cluster/local.ts'
import type { Workspace } from '../cluster/workspace.ts'
import { ClusterError, ExitCode, UsageError } from '../errors.ts'
import {
  checkBaselineFile,
  checkFingerprint,
  fingerprintHere,
  keptFrom,
  pairsOf,
  readBaseline,
  writeBaseline,
} from '../gate/baseline-record.ts'
import { createGateFolder } from '../gate/gate-folder.ts'
import { gateProgress } from '../gate/gate-progress.ts'
import {
  baselineInstruments,
  leastBaselinePairs,
  measureBaseline,
  runBaselineGate,
} from '../gate/measure-baseline.ts'
import { defaultSettings } from '../gate/pair.ts'
import { type Registry, readRegistry } from '../gate/registry.ts'
import { newRunId } from '../record/folder.ts'
import { inSession } from '../session.ts'
import { seededRandom } from '../stats/random.ts'
import { type ConcludedGate, concludeGate } from './conclude-gate.ts'
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
  const registry = await readRegistry('head', fileURLToPath(new URL('../../', import.meta.url)))
  const { strategies } = registry
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
    const setting = { replicas, seed: randomInt(2 ** 32) }
    const { instruments, random } = await openInstruments(registry, setting, terminal, workspace, signal)
    const request = { strategies: chosen, pairs }
    const progress = gateProgress({ appendPair() {} }, terminal.say, pairs)
    const measured = await measureBaseline(request, random, instruments, progress).catch((error) => {
      if (!(error instanceof ClusterError)) throw error
      throw new ClusterError(`${file} was not written: ${error.message}`, { cause: error })
    })
    const all = [...kept, ...measured]
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

async function openInstruments(
  { strategies, control }: Registry,
  setting: { readonly replicas: number; readonly seed: number },
  { say }: Terminal,
  workspace: Workspace,
  signal: AbortSignal,
) {
  const binaries = await findBinaries(['nginx', 'redis-server'], { signal, notify: say })
  const driver = localDriver(binaries, workspace)
  const head = { side: 'head' as const, driver, strategies: [...strategies, control] }
  const random = seededRandom(setting.seed)
  const options = { control, settings: defaultSettings, ...setting }
  return { driver, random, instruments: baselineInstruments(head, options, random, signal) }
}

/** What the gate was asked for, as far as a baseline knows of it. */
export interface BaselineGateOptions {
  readonly baseline: string
  readonly strategies?: string
  readonly tolerance: number
  readonly replicas?: number
  readonly seed?: number
  readonly out: string
}

/**
 * @param registry of head, which is not loaded here: it is what is judged
 * @throws {UsageError} when there is no baseline that fits this machine, or it has none of the strategies
 */
export async function gateAgainstBaseline(
  options: BaselineGateOptions,
  registry: Registry,
  terminal: Terminal,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<ConcludedGate> {
  const { strategies } = registry
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
  const folder = createGateFolder(options.out, id, terminal.say)
  const { driver, instruments, random } = await openInstruments(
    registry,
    { replicas: before.replicas, seed },
    terminal,
    workspace,
    signal,
  )
  const outcome = await runBaselineGate(
    { strategies: common, pairs },
    ({ name }) => before.strategies.find((one) => one.name === name)!,
    options.tolerance,
    random,
    instruments,
    gateProgress(folder, terminal.say, pairs),
  )
  return concludeGate(
    {
      id,
      startedAt,
      seed,
      base: { commit: before.commit, described: `${options.baseline} of ${before.createdAt}` },
      replicas: before.replicas,
      maxTimeMs: null,
      programs: driver.versions,
    },
    outcome,
    folder,
    terminal,
  )
}
