/** The command `gate`: is head worse than base? */
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultReplicas, namedList } from '../arguments.ts'
import { findBinaries } from '../binaries/find.ts'
import type { Workspace } from '../cluster/workspace.ts'
import { isAbort, messageOf, UsageError } from '../errors.ts'
import { findBase } from '../gate/base-commit.ts'
import { checkOutBoth } from '../gate/checkouts.ts'
import { createGateFolder } from '../gate/gate-folder.ts'
import { gateProgress } from '../gate/gate-progress.ts'
import { clusterInstruments } from '../gate/instruments.ts'
import { openSides } from '../gate/open-sides.ts'
import { defaultSettings } from '../gate/pair.ts'
import { type GateRequest, planStrategies } from '../gate/plan-strategies.ts'
import { publishFailure } from '../gate/publish.ts'
import { readRegistry } from '../gate/registry.ts'
import { renderGateText } from '../gate/render-gate.ts'
import { runGate } from '../gate/run-gate.ts'
import { findStrategy } from '../gate/side.ts'
import { checkOut, newRunId } from '../record/folder.ts'
import { inSession } from '../session.ts'
import { seededRandom } from '../stats/random.ts'
import { gateAgainstBaseline } from './baseline.ts'
import { type ConcludedGate, concludeGate, gateExitCode } from './conclude-gate.ts'
import type { Terminal } from './terminal.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))
const timePerStrategyMs = 300_000

/** As it is typed. */
export interface GateOptions {
  readonly against?: string
  readonly baseline?: string
  readonly strategies?: string
  readonly tolerance: number
  readonly maxTime?: number
  readonly strict: boolean
  readonly replicas?: number
  readonly seed?: number
  readonly out: string
}

/**
 * Measures and decides; then ends the process with what CI goes by, which follows from what was written down. That it
 * cannot decide is handed on to CI as well.
 */
export async function gateCommand(options: GateOptions, terminal: Terminal): Promise<void> {
  const { print, say, style, exit } = terminal
  let gate: ConcludedGate
  try {
    gate = await decide(options, terminal)
  } catch (error) {
    if (!isAbort(error)) publishFailure(messageOf(error), process.env, terminal)
    throw error
  }
  const { path, record } = gate
  await print(renderGateText(record, style().columns)).finally(() => say(`saved in ${path}`))
  exit(gateExitCode(record, options.strict))
}

async function decide(options: GateOptions, terminal: Terminal): Promise<ConcludedGate> {
  const { strategies, control } = await readRegistry('head', project)
  const chosen = namedList('strategy', options.strategies, [
    ...strategies,
    ...(options.strategies === undefined ? [] : [control]),
  ]).map(({ name }) => name)
  checkOut(options.out)
  const { baseline } = options
  if (baseline !== undefined) {
    for (const [name, value] of Object.entries({
      against: options.against,
      'max-time': options.maxTime,
    })) {
      if (value !== undefined) throw new UsageError(`--baseline cannot be combined with --${name}`)
    }
    return inSession(terminal.exit, terminal.say, (workspace, signal) =>
      gateAgainstBaseline({ ...options, baseline }, { strategies, control }, terminal, workspace, signal),
    )
  }
  const request: GateRequest = {
    strategies: chosen,
    control: control.name,
    tolerance: options.tolerance,
    maxTimeMs: options.maxTime ?? timePerStrategyMs * chosen.length,
    settings: defaultSettings,
    replicas: options.replicas ?? defaultReplicas,
    seed: options.seed ?? randomInt(2 ** 32),
  }
  return inSession(terminal.exit, terminal.say, (workspace, signal) =>
    gate(options, request, workspace, terminal, signal),
  )
}

async function gate(
  options: GateOptions,
  request: GateRequest,
  workspace: Workspace,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ConcludedGate> {
  const { say } = terminal
  const startedAt = new Date()
  const baseCommit = await findBase(
    project,
    {
      ...(options.against === undefined ? {} : { ref: options.against }),
      ...(process.env.GITHUB_BASE_REF ? { pullRequestBase: process.env.GITHUB_BASE_REF } : {}),
    },
    signal,
  )
  const place = { folder: join(workspace.path, 'gate'), remember: workspace.remember }
  await using checkouts = await checkOutBoth(project, baseCommit, place, say, signal)
  const binaries = await findBinaries(['nginx', 'redis-server'], { signal, notify: say })
  const both = await openSides(checkouts, binaries, workspace, signal)
  const random = seededRandom(request.seed)
  const plans = planStrategies(both, request, random)

  const same = baseCommit.isHead ? '; head is the same, so nothing should be found' : ''
  say(
    `base ${baseCommit.commit.slice(0, 10)} (${baseCommit.described})${same}; ${request.strategies.join(', ')}; seed ${request.seed}, at most ${Math.round(request.maxTimeMs / 1000)} s`,
  )
  const id = newRunId(startedAt)
  const folder = createGateFolder(options.out, id, say)
  const removed =
    options.strategies === undefined
      ? both.base.strategies.filter(({ name }) => findStrategy(both.head, name) === undefined)
      : []
  const outcome = await runGate(
    plans,
    removed.map(({ name }) => name),
    request,
    clusterInstruments(both, request, random, signal),
    gateProgress(folder, say),
  )
  return concludeGate(
    {
      id,
      startedAt,
      seed: request.seed,
      base: { commit: baseCommit.commit, described: baseCommit.described },
      replicas: request.replicas,
      maxTimeMs: request.maxTimeMs,
      programs: both.head.driver.versions,
    },
    outcome,
    folder,
    terminal,
  )
}
