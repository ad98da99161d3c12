/** Runs gates on planted faults, one after the other, and writes each down the moment it has ended. */
import { randomInt } from 'node:crypto'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { control } from '../../../servers/strategies/index.ts'
import type { Binaries } from '../../binaries/find.ts'
import type { Workspace } from '../../cluster/workspace.ts'
import { DEFAULT_TOLERANCE } from '../../stats/gate-plan.ts'
import { seededRandom } from '../../stats/random.ts'
import type { BaseCommit } from '../base-commit.ts'
import { checkOutBoth } from '../checkouts.ts'
import { clusterInstruments } from '../instruments.ts'
import { openSides } from '../open-sides.ts'
import { defaultSettings } from '../pair.ts'
import type { PairRecord } from '../pair-record.ts'
import { type GateRequest, planStrategies } from '../plan-strategies.ts'
import { runGate } from '../run-gate.ts'
import { calibrate } from './busy-loop.ts'
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
  return JSON.stringify({ strategy, ...defaultSettings })
}

/** The strategy that gates of a kind measured. */
export function strategyOfKind(kind: string): string {
  return z.object({ strategy: z.string() }).parse(JSON.parse(kind)).strategy
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

/** One whole gate, as the command runs it, on a head with the scenario's fault. */
export async function proveOnce(
  scenario: Scenario,
  context: ProofContext,
  signal: AbortSignal,
): Promise<ProvenGate> {
  const { project, base, strategy, binaries, workspace, notify } = context
  const startedAt = new Date()
  const loadBefore = loadavg()[0] ?? 0
  const folder = join(workspace.path, 'gate', startedAt.toISOString().replaceAll(':', ''))
  await using checkouts = await checkOutBoth(
    project,
    base,
    { folder, remember: workspace.remember },
    notify,
    signal,
  )
  const loop = scenario.loopMicros === 0 ? null : calibrate(scenario.loopMicros)
  scenario.plant(checkouts.head, loop?.iterations ?? 0)

  const both = await openSides(checkouts, binaries, workspace, signal)
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
    loop,
    verdict: outcome.verdict,
    worse: [...(found?.correctness.falls ?? []).map(({ metric }) => metric), ...named('worse')],
    undecided: named('undecided'),
    wallMs: outcome.timing.wallMs,
    correctnessMs: outcome.timing.correctnessMs,
    pairs,
  }
}
