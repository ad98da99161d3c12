/** The command `baseline update`, and the gate against what it has written. */
import { randomInt } from 'node:crypto'
import { control, strategies } from '../../servers/strategies/index.ts'
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import { namedList } from '../arguments.ts'
import { findBinaries } from '../binaries/find.ts'
import { localDriver } from '../cluster/local.ts'
import type { Workspace } from '../cluster/workspace.ts'
import { ExitCode, UsageError } from '../errors.ts'
import { compareWithBaseline } from '../gate/baseline-compare.ts'
import {
  type Baseline,
  baselineSchemaVersion,
  checkFingerprint,
  readBaseline,
  writeBaseline,
} from '../gate/baseline-record.ts'
import { createGateFolder } from '../gate/gate-folder.ts'
import { gateSchemaVersion } from '../gate/gate-record.ts'
import { baselineMetrics, measureBaseline } from '../gate/measure-baseline.ts'
import { defaultSettings } from '../gate/pair.ts'
import type { PairRecord } from '../gate/pair-record.ts'
import { together } from '../gate/run-gate.ts'
import { newRunId } from '../record/folder.ts'
import { provenance } from '../record/provenance.ts'
import { inSession } from '../session.ts'
import { leastPairs } from '../stats/gate-plan.ts'
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
  const chosen = namedList('strategy', options.strategies, strategies)
  const least = leastBaselinePairs(chosen.length)
  const pairs = options.pairs ?? least
  if (pairs < least) {
    throw new UsageError(`--pairs is '${pairs}'; expected at least ${least} for ${chosen.length} strategies`)
  }
  await inSession(terminal.exit, terminal.say, async (workspace, signal) => {
    const measured = await measure(chosen, pairs, options.replicas, terminal, workspace, signal)
    writeBaseline(options.file, { ...fingerprint(options.replicas), strategies: measured })
    terminal.say(`written to ${options.file}; commit it`)
  })
  terminal.exit(ExitCode.pass)
}

/** As for a gate between commits: with fewer, one metric of many points the wrong way too easily. */
function leastBaselinePairs(strategyCount: number): number {
  return leastPairs(baselineMetrics().length * strategyCount, 0.01)
}

function fingerprint(replicas: number): Omit<Baseline, 'strategies'> {
  const { commit, machine } = provenance()
  const { platform, cpuModel, cores, memoryBytes } = machine
  return {
    schemaVersion: baselineSchemaVersion,
    createdAt: new Date().toISOString(),
    commit,
    node: process.versions.node,
    machine: { platform, cpuModel, cores, memoryBytes },
    settings: defaultSettings,
    replicas,
  }
}

async function measure(
  chosen: readonly StrategyInfo[],
  pairs: number,
  replicas: number,
  { say }: Terminal,
  workspace: Workspace,
  signal: AbortSignal,
  onPair: (pair: PairRecord) => void = () => {},
) {
  const binaries = await findBinaries(['nginx', 'redis-server'], { signal, notify: say })
  const head = {
    side: 'head' as const,
    driver: localDriver(binaries, workspace),
    strategies: [...strategies, control],
  }
  const seed = randomInt(2 ** 32)
  const request = { strategies: chosen, control, pairs, settings: defaultSettings, replicas, seed }
  const note = (pair: PairRecord) => {
    onPair(pair)
    say(`${pair.strategy}: pair ${pair.index + 1} of ${pairs}`)
  }
  return measureBaseline(head, request, seededRandom(seed), note, signal)
}

/** What the gate was asked for, as far as a baseline knows of it. */
export interface BaselineGateOptions {
  readonly baseline: string
  readonly strategies?: string
  readonly tolerance: number
  readonly strict: boolean
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
  checkFingerprint(options.baseline, before, fingerprint(before.replicas))
  const chosen = namedList('strategy', options.strategies, strategies)
  const common = chosen.filter(({ name }) => before.strategies.some((one) => one.name === name))
  const missing = chosen.filter((strategy) => !common.includes(strategy))
  if (common.length === 0 || (options.strategies !== undefined && missing.length > 0)) {
    throw new UsageError(
      `the baseline ${options.baseline} has no ${missing.map(({ name }) => name).join(', ')}; it has ${before.strategies.map(({ name }) => name).join(', ')}`,
    )
  }
  for (const { name } of missing) terminal.say(`${name}: not in the baseline, not compared`)
  const metrics = baselineMetrics()
  const pairs = Math.min(
    ...before.strategies.flatMap(({ logRatios }) => Object.values(logRatios).map((values) => values.length)),
  )
  const least = leastBaselinePairs(common.length)
  if (pairs < least) {
    throw new UsageError(
      `the baseline ${options.baseline} has ${pairs} pairs of each strategy; expected at least ${least}: baseline update --pairs ${least}`,
    )
  }
  const id = newRunId(startedAt)
  const folder = createGateFolder(options.out, id)
  const clock = performance.now()
  const measured = await measure(
    common,
    pairs,
    before.replicas,
    terminal,
    workspace,
    signal,
    folder.appendPair,
  )
  const compared = measured.map(({ name, findings, logRatios }) =>
    compareWithBaseline({
      before: before.strategies.find((one) => one.name === name)!,
      findings,
      logRatios,
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
      seed: 0,
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
