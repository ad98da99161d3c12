/** One trial: starts its clusters, puts the experiment to them, and tells which strategies could not go on. */
import { type Cluster, type Driver, nameOf } from './cluster/cluster.ts'
import { expectWhole, lostPart } from './cluster/whole.ts'
import { concernsEverybody, messageOf } from './errors.ts'
import type { TrialContext, TrialSpec } from './experiments/experiment.ts'
import type { AnyExperiment } from './experiments/index.ts'
import type { StrategyFailure } from './record/run-record.ts'

/** What a trial came to. */
export interface Observed {
  readonly raw: unknown
  /** The strategies that dropped out of it, while the others went on. */
  readonly failures: readonly StrategyFailure[]
}

/** That a trial could not go on, through the fault of what was measured: it says nothing about other trials. */
export class TrialFailed extends Error {
  override readonly name = 'TrialFailed'
  readonly failures: readonly StrategyFailure[]
  constructor(failures: readonly StrategyFailure[], cause: unknown) {
    super(messageOf(cause), { cause })
    this.failures = failures
  }
}

/**
 * @throws {TrialFailed} when no strategy, or not even the control, could go on
 * @throws what concerns every trial alike: the signal's reason, an environment that is gone, a full disk
 */
export async function observeTrial(
  experiment: AnyExperiment,
  spec: TrialSpec,
  driver: Driver,
  context: Omit<TrialContext, 'attempt'>,
): Promise<Observed> {
  const { plan, signal } = context
  const names = spec.clusters.map(nameOf)
  const measured = spec.clusters.filter(({ strategy }) => strategy.name !== plan.control.name).map(nameOf)
  const reasons = new Map<string, string>()
  const clusters: Cluster[] = []
  await using started = new AsyncDisposableStack()

  /** @throws `error` when the others cannot go on either */
  const dropOut = (strategy: string, error: unknown) => {
    signal.throwIfAborted()
    throwIfEverybodys(driver, error)
    if (strategy === plan.control.name) {
      throw new Error(`the control failed, and nothing can be compared without it: ${messageOf(error)}`, {
        cause: error,
      })
    }
    if (!reasons.has(strategy)) reasons.set(strategy, messageOf(error))
    if (measured.every((name) => reasons.has(name))) throw error
  }
  const startAll = async () => {
    const giveUp = new AbortController()
    const either = AbortSignal.any([signal, giveUp.signal])
    let failure: { readonly error: unknown } | null = null
    const results = await Promise.all(
      spec.clusters.map(async (each) => {
        try {
          return started.use(await driver.start(each, either))
        } catch (error) {
          try {
            if (!giveUp.signal.aborted) dropOut(nameOf(each), error)
          } catch (worse) {
            failure ??= { error: worse }
            giveUp.abort()
          }
          return undefined
        }
      }),
    )
    if (failure !== null) throw (failure as { error: unknown }).error
    clusters.push(...results.filter((cluster) => cluster !== undefined))
  }
  const attempt = async <T>(cluster: Cluster, work: () => Promise<T>): Promise<T | undefined> => {
    const name = nameOf(cluster.spec)
    if (reasons.has(name)) return undefined
    try {
      return await work()
    } catch (error) {
      dropOut(name, (await lostPart(cluster)) ?? error)
      return undefined
    }
  }

  try {
    await startAll()
    const raw: unknown = await experiment.trial(spec, [...clusters], { ...context, attempt })
    // Requests that an interruption has ended look like ones that failed.
    signal.throwIfAborted()
    await Promise.all(clusters.map((cluster) => attempt(cluster, () => expectWhole(cluster))))
    return { raw, failures: [...reasons].map(([strategy, reason]) => ({ strategy, reason })) }
  } catch (error) {
    signal.throwIfAborted()
    const ended = new Map<string, unknown>()
    for (const cluster of clusters) {
      const part = await lostPart(cluster)
      if (part !== null) ended.set(nameOf(cluster.spec), part)
    }
    throwIfEverybodys(driver, error, ...ended.values())
    const failures = names.map((strategy) => ({
      strategy,
      reason: reasons.get(strategy) ?? messageOf(ended.get(strategy) ?? error),
    }))
    throw new TrialFailed(failures, [...ended.values()][0] ?? error)
  }
}

/** @throws what concerns every trial alike: one of the errors, or the trouble that the machine is in, from which they follow */
function throwIfEverybodys(driver: Driver, ...errors: readonly unknown[]): void {
  for (const error of errors) if (concernsEverybody(error)) throw error
  const trouble = driver.trouble?.() ?? null
  if (trouble !== null) throw trouble
}
