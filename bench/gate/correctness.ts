/** Whether head still keeps the logins that base keeps: the experiments about behaviour, on both. */
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import type { Driver } from '../cluster/cluster.ts'
import { isAbort } from '../errors.ts'
import type { Plan, TrialSpec } from '../experiments/experiment.ts'
import type { AnyExperiment } from '../experiments/index.ts'
import { loginPersistence } from '../experiments/login-persistence.ts'
import { restartSurvival } from '../experiments/restart-survival.ts'
import type { Finding } from '../record/finding.ts'
import { metricInfo } from '../record/metrics.ts'
import { seededRandom } from '../stats/random.ts'
import { observeTrial, TrialFailed } from '../trial.ts'
import { shareChange } from './share-change.ts'
import { type Side, SideError, type SideUnderTest } from './side.ts'

const experiments: readonly AnyExperiment[] = [loginPersistence, restartSurvival]

/** One thing that head does worse than base. */
export interface Fall {
  readonly experiment: string
  readonly case: string
  readonly metric: string
  readonly base: number | null
  readonly head: number | null
  readonly note: string
}

/** What both did, and what is worse. */
export interface Correctness {
  readonly falls: readonly Fall[]
  /** How many findings were compared. */
  readonly compared: number
}

/** Of a strategy that is compared with nothing. */
export const nothingCompared: Correctness = { falls: [], compared: 0 }

/** Roughly what checking one strategy takes. */
export const expectedCorrectnessMs = 15_000

/** Whether head runs at all, for a strategy that base does not have. @throws {SideError} when it does not */
export async function checkAlone(
  head: SideUnderTest,
  strategy: StrategyInfo,
  options: CorrectnessOptions,
  signal: AbortSignal,
): Promise<Correctness> {
  for (const experiment of experiments) await findingsOf(experiment, head, strategy, options, signal)
  return nothingCompared
}

/** That head does not run what it should, as a fall. */
export function doesNotRun(error: SideError): Fall {
  return { experiment: 'gate', case: 'all', metric: 'runs', base: null, head: null, note: error.message }
}

/** All findings about logins of one side. @throws {SideError} when it does not run */
export async function loginFindings(
  side: SideUnderTest,
  strategy: StrategyInfo,
  options: CorrectnessOptions,
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const experiment of experiments) {
    findings.push(...(await findingsOf(experiment, side, strategy, options, signal)))
  }
  return findings
}

export interface CorrectnessOptions {
  readonly replicas: number
  readonly control: StrategyInfo
  readonly seed: number
}

/** @throws {SideError} when a side does not run; of two, base */
export async function checkCorrectness(
  both: Readonly<Record<Side, SideUnderTest>>,
  strategy: Readonly<Record<Side, StrategyInfo>>,
  options: CorrectnessOptions,
  signal: AbortSignal,
): Promise<Correctness> {
  const falls: Fall[] = []
  let compared = 0
  for (const experiment of experiments) {
    const found = await confirmed(async (again) => {
      const drawn = { ...options, seed: options.seed + again }
      const giveUp = new AbortController()
      const either = AbortSignal.any([signal, giveUp.signal])
      const [base, head] = await Promise.allSettled(
        (['base', 'head'] as const).map(async (side) => {
          try {
            return await findingsOf(experiment, both[side], strategy[side], drawn, either)
          } catch (error) {
            giveUp.abort() // whichever it is, the other has nothing to be compared with
            throw error
          }
        }),
      )
      signal.throwIfAborted()
      if (base!.status === 'rejected' && !isAbort(base!.reason)) throw base!.reason
      if (head!.status === 'rejected' && !isAbort(head!.reason)) throw head!.reason
      if (base!.status === 'rejected') throw base!.reason
      if (head!.status === 'rejected') throw head!.reason
      return compareFindings(base!.value, head!.value)
    })
    compared += found.compared
    falls.push(...found.falls)
    if (falls.length > 0) break
  }
  return { falls, compared }
}

/** What became of logins on one side. @throws {SideError} when it does not run */
async function findingsOf(
  experiment: AnyExperiment,
  { side, driver }: SideUnderTest,
  strategy: StrategyInfo,
  { replicas, control, seed }: CorrectnessOptions,
  signal: AbortSignal,
): Promise<Finding[]> {
  const plan: Plan = { strategies: [strategy], control, replicas, preset: 'quick' }
  try {
    const raw: unknown[] = []
    for (const spec of experiment.trials(plan, false))
      raw.push(await trial(experiment, spec, driver, plan, seed, signal))
    return experiment.judge(raw)
  } catch (error) {
    if (!(error instanceof TrialFailed)) throw error // nothing that the side is to blame for
    throw new SideError(side, `${strategy.name}, ${experiment.name}`, error)
  }
}

async function trial(
  experiment: AnyExperiment,
  spec: TrialSpec,
  driver: Driver,
  plan: Plan,
  seed: number,
  signal: AbortSignal,
): Promise<unknown> {
  const { raw } = await observeTrial(experiment, spec, driver, {
    plan,
    random: seededRandom(seed),
    signal,
    beside: () => ['the other side'],
    say: () => {},
    measure: (work) => work(),
  })
  return raw
}

/**
 * Which logins a fault of the cluster meets is a matter of chance: what is lost is looked at again, and counts when it
 * is lost again.
 * @param look told how often it was done before, so that it can draw other users
 */
export async function confirmed(look: (again: 0 | 1) => Promise<Correctness>): Promise<Correctness> {
  const first = await look(0)
  if (first.falls.length === 0) return first
  const { falls } = await look(1)
  return {
    compared: first.compared,
    falls: falls.filter((fall) => first.falls.some(sameAs(fall))),
  }
}

const sameAs = (fall: Fall) => (other: Fall) =>
  (['experiment', 'case', 'metric'] as const).every((key) => other[key] === fall[key])

/** Pure: what of the findings about logins is worse in head; in doubt (not everybody was answered) is worse than sure. */
export function compareFindings(base: readonly Finding[], head: readonly Finding[]): Correctness {
  const falls: Fall[] = []
  let compared = 0
  for (const before of base) {
    const info = metricInfo(before.experiment, before.metric)
    const after = head.find((row) => row.metric === before.metric && row.case === before.case)
    if (info?.kind !== 'behaviour' || before.value === null || before.verdict === 'unknown') continue
    compared += 1
    const about = { experiment: before.experiment, case: before.case, metric: before.metric }
    if (after === undefined || after.value === null) {
      const note = after?.note ?? 'head has no such finding'
      falls.push({ ...about, base: before.value, head: null, note })
    } else if (
      shareChange(before, after, info.better) === 'worse' ||
      (before.verdict === 'pass' && after.verdict === 'unknown')
    ) {
      falls.push({ ...about, base: before.value, head: after.value, note: after.note })
    }
  }
  return { falls, compared }
}
