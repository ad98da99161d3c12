/** Runs gates on planted faults, one after the other, and writes each down the moment it has ended. */
import { randomInt } from 'node:crypto'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { control, strategies } from '../../../servers/strategies/index.ts'
import type { Binaries } from '../../binaries/find.ts'
import type { Workspace } from '../../cluster/workspace.ts'
import { UsageError } from '../../errors.ts'
import { DEFAULT_TOLERANCE } from '../../stats/gate-plan.ts'
import { median } from '../../stats/quantile.ts'
import { seededRandom } from '../../stats/random.ts'
import type { BaseCommit } from '../base-commit.ts'
import { checkOutBoth } from '../checkouts.ts'
import { metricsFor, type PairMetric } from '../gate-metrics.ts'
import { clusterInstruments } from '../instruments.ts'
import { openSides } from '../open-sides.ts'
import { defaultSettings } from '../pair.ts'
import type { PairRecord } from '../pair-record.ts'
import { type GateRequest, planStrategies } from '../plan-strategies.ts'
import { runGate } from '../run-gate.ts'
import { costInReplicas, microsPerIterationAlone } from './busy-work.ts'
import type { Scenario } from './plants.ts'
import type { ProvenGate } from './proof-file.ts'

/** What a proof is made with. */
export interface ProofContext {
  readonly project: string
  readonly base: BaseCommit
  readonly strategy: string
  readonly binaries: Binaries
  readonly workspace: Workspace
  notify(line: string): void
}

/** How a gate of the proof measures; gates that measured otherwise are not counted with it. */
export function proofKind(strategy: string): string {
  const { warmUpMs, settlingMs, pacedMs, ratePerSecond, replicas, readers, writers } = defaultSettings
  const metrics = proofMetrics(strategy).map(
    ({ name, leastTolerance }) => `${name}≤${Math.max(DEFAULT_TOLERANCE, leastTolerance)}`,
  )
  return [
    strategy,
    warmUpMs,
    settlingMs,
    pacedMs,
    ratePerSecond,
    replicas,
    readers,
    writers,
    ...metrics,
  ].join(' ')
}

/** As a gate of this strategy compares them. */
export function proofMetrics(strategy: string): readonly PairMetric[] {
  const store = strategies.find(({ name }) => name === strategy)!.needs.length > 0
  return metricsFor({ store, saturation: false, accounting: process.platform === 'linux' })
}

/** The scenario of which the smallest part has been run; `null` when all have as many gates as asked for. */
export function nextScenario(
  scenarios: readonly Scenario[],
  done: readonly Pick<ProvenGate, 'scenario'>[],
  gates: number,
): Scenario | null {
  const parts = scenarios.map((scenario) => {
    const wanted = wantedGates(scenario, gates)
    const count = done.filter((gate) => gate.scenario === scenario.name).length
    return { scenario, part: wanted === 0 ? 1 : count / wanted }
  })
  const open = parts.filter(({ part }) => part < 1)
  return (
    open.reduce<(typeof open)[number] | null>(
      (least, one) => (least !== null && least.part <= one.part ? least : one),
      null,
    )?.scenario ?? null
  )
}

export function wantedGates({ share }: Scenario, gates: number): number {
  return Math.ceil(gates * share)
}

/** CPU time per request of an unchanged replica, by what was measured last; `null` when nothing was. */
export function replicaMicros(pairs: readonly PairRecord[]): number | null {
  const latest = pairs
    .slice(-30)
    .flatMap(({ base }) => (base.cpuMicros.replica === null ? [] : [base.cpuMicros.replica / base.sent]))
  return latest.length === 0 ? null : median(latest)
}

/**
 * How many iterations of busy work make the scenario's part of what a replica costs; 0 where the fault is another one.
 * @param done gates before this one
 * @throws {UsageError} when none has been run, and nobody knows what it has to be a part of
 */
export function iterationsFor({ cpu }: Scenario, done: readonly ProvenGate[]): number {
  if (cpu === 0) return 0
  const micros = replicaMicros(done.flatMap(({ pairs }) => pairs))
  if (micros === null)
    throw new UsageError(
      'slow-downs are parts of what an unchanged replica costs; run the scenario unchanged first',
    )
  const cost = costInReplicas(done) ?? { perCall: 0, perIteration: microsPerIterationAlone() }
  return Math.max(1, Math.round((cpu * micros - cost.perCall) / cost.perIteration))
}

/** One whole gate, as the command runs it, on a head with the scenario's fault. */
export async function proveOnce(
  scenario: Scenario,
  busyIterations: number,
  context: ProofContext,
  signal: AbortSignal,
): Promise<ProvenGate> {
  const { project, base, strategy, binaries, workspace, notify } = context
  const startedAt = new Date()
  const loadBefore = loadavg()[0] ?? 0
  const folder = join(workspace.path, 'gate', startedAt.toISOString().replaceAll(':', ''))
  await using checkouts = await checkOutBoth(project, base, folder, notify, signal)
  scenario.plant(checkouts.head, busyIterations)

  const both = await openSides(checkouts, binaries, workspace)
  const seed = randomInt(2 ** 32)
  const random = seededRandom(seed)
  const request: GateRequest = {
    strategies: [strategy],
    control: control.name,
    tolerance: DEFAULT_TOLERANCE,
    maxTimeMs: scenario.maxTimeMs,
    settings: defaultSettings,
    replicas: 3,
    seed,
    accounting: process.platform === 'linux',
  }
  const plans = planStrategies(both, request, random)
  const pairs: PairRecord[] = []
  const outcome = await runGate(plans, [], request, clusterInstruments(both, request, random, signal), {
    note: () => {},
    pair: (pair) => pairs.push(pair),
  })
  const [found] = outcome.strategies
  const named = (verdict: ProvenGate['verdict']) =>
    (found?.metrics ?? []).filter((metric) => metric.verdict === verdict).map(({ name }) => name)
  return {
    scenario: scenario.name,
    kind: proofKind(strategy),
    startedAt: startedAt.toISOString(),
    seed,
    commit: base.commit,
    loadBefore,
    busyIterations,
    verdict: outcome.verdict,
    worse: [...(found?.correctness.falls ?? []).map(({ metric }) => metric), ...named('worse')],
    undecided: named('undecided'),
    wallMs: outcome.timing.wallMs,
    correctnessMs: outcome.timing.correctnessMs,
    pairs,
  }
}
