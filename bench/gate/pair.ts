/** Measures one fresh pair: a cluster of base and one of head, up at the same time. */
import { z } from 'zod'
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { memoryPerReplica } from '../cluster/usage.ts'
import { isAbort } from '../errors.ts'
import { Browser } from '../load/browser.ts'
import { logIn } from '../load/users.ts'
import { openCountedConnections } from '../load/wire.ts'
import type { PairOrder } from '../stats/pair-order.ts'
import type { Random } from '../stats/random.ts'
import { asSide, type LoadedSide, pacedPair, saturatedPair, saturateSide } from './pair-load.ts'
import type { PairRecord } from './pair-record.ts'
import { type Side, SideError, type SideUnderTest } from './side.ts'

/** How much of a pair is measured. */
export const pairSettings = z.strictObject({
  /**
   * The compiler's decisions, and so the speed, differ from process to process, and by several per cent: more processes a
   * side are the cheapest way to less noise.
   */
  replicas: z.number().int(),
  readers: z.number().int(),
  writers: z.number().int(),
  /** Discarded load, both sides at once and as fast as they can; then for a while as it will be measured. */
  warmUpMs: z.number(),
  settlingMs: z.number(),
  pacedMs: z.number(),
  /** For each side. */
  ratePerSecond: z.number(),
  /** Windows of throughput at saturation for each side; `null`: not asked for. */
  saturation: z.strictObject({ rounds: z.number().int(), windowMs: z.number() }).nullable(),
})
export type PairSettings = z.infer<typeof pairSettings>

export const defaultSettings: PairSettings = {
  replicas: 3,
  readers: 24,
  writers: 8,
  warmUpMs: 2_000,
  settlingMs: 1_000,
  pacedMs: 3_000,
  ratePerSecond: 600,
  saturation: null,
}

export const saturationSettings = { rounds: 10, windowMs: 200 }

/** Starting and stopping both clusters, on a machine of two cores. */
const startAndStopMs = 2_200

/** Roughly what a pair takes, for planning how many fit into the time. */
export function expectedPairMs({ warmUpMs, settlingMs, pacedMs, saturation }: PairSettings): number {
  const saturatedMs = saturation === null ? 0 : 2 * saturation.rounds * (saturation.windowMs + 20)
  return startAndStopMs + warmUpMs + settlingMs + pacedMs + saturatedMs
}

/** What is measured, beside the sides. */
export interface PairSpec {
  readonly index: number
  readonly order: PairOrder
  /** As each side describes it. */
  readonly strategy: Readonly<Record<Side, StrategyInfo>>
  /** The name of the strategy that has no sessions. */
  readonly control: string
}

/** @throws {SideError} when one side does not start, nobody can log in there, or a part of it ends under load */
export async function measurePair(
  both: Readonly<Record<Side, SideUnderTest>>,
  spec: PairSpec,
  settings: PairSettings,
  random: Random,
  signal: AbortSignal,
): Promise<PairRecord> {
  const clock = lap()
  await using open = new AsyncDisposableStack()
  const order: readonly Side[] = spec.order === 'base-first' ? ['base', 'head'] : ['head', 'base']
  const started = await startBoth(both, order, spec, settings, open, signal)
  const [first, second] = [started[order[0]!], started[order[1]!]]
  const pair = [first, second] as const
  const startMs = clock()

  await Promise.all(pair.map((side) => saturateSide(side, settings.warmUpMs, signal)))
  await pacedPair(pair, settings.settlingMs, settings.ratePerSecond, random, signal)
  const warmUpMs = clock()

  const { sides, generator } = await pacedPair(pair, settings.pacedMs, settings.ratePerSecond, random, signal)
  const memory = await Promise.all(pair.map((side) => asSide(side, memoryPerReplica)))
  const saturated =
    settings.saturation === null ? null : await saturatedPair(pair, settings.saturation, random, signal)
  const measureMs = clock()
  await open.disposeAsync()

  const side = (name: Side) => {
    const at = order.indexOf(name)
    return {
      ...sides[at]!,
      memoryBytesPerReplica: memory[at] ?? null,
      saturated: saturated?.[at] ?? null,
    }
  }
  return {
    strategy: spec.strategy.head.name,
    index: spec.index,
    order: spec.order,
    base: side('base'),
    head: side('head'),
    generator,
    timing: { startMs, warmUpMs, measureMs, stopMs: clock() },
  }
}

/** Milliseconds since it was last asked. */
function lap(): () => number {
  let last = performance.now()
  return () => {
    const now = performance.now()
    const passed = now - last
    last = now
    return passed
  }
}

async function startBoth(
  both: Readonly<Record<Side, SideUnderTest>>,
  order: readonly Side[],
  spec: PairSpec,
  settings: PairSettings,
  open: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Record<Side, LoadedSide>> {
  const giveUp = new AbortController()
  const either = AbortSignal.any([signal, giveUp.signal])
  const results = await Promise.allSettled(
    order.map(async (name) => {
      try {
        const strategy = spec.strategy[name]
        const cluster = open.use(
          await both[name].driver.start({ strategy, replicas: settings.replicas }, either),
        )
        return {
          side: name,
          ...(await load(cluster, strategy.name === spec.control, settings, open, either)),
        }
      } catch (error) {
        giveUp.abort()
        throw isAbort(error) ? error : new SideError(name, `${spec.strategy[name].name} does not run`, error)
      }
    }),
  )
  signal.throwIfAborted()
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  // The one that made the other give up; of two, the base's: without a base there is nothing to say of head.
  const failure =
    failures.find((error) => error instanceof SideError && error.side === 'base') ??
    failures.find((error) => !isAbort(error)) ??
    failures[0]
  if (failure !== undefined) throw failure
  const [first, second] = results.map((result) => (result as PromiseFulfilledResult<LoadedSide>).value)
  return order[0] === 'base' ? { base: first!, head: second! } : { base: second!, head: first! }
}

async function load(
  cluster: Cluster,
  isControl: boolean,
  settings: PairSettings,
  open: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Omit<LoadedSide, 'side'>> {
  const { connections, bytes } = openCountedConnections(cluster.entry)
  open.defer(() => connections.destroy())
  const visitors = (count: number) =>
    Array.from({ length: count }, () => ({
      name: 'control',
      browser: new Browser(connections, cluster.entry),
    }))
  if (isControl) {
    return {
      cluster,
      bytes,
      readers: visitors(settings.readers),
      writers: visitors(settings.writers),
      paths: { page: '/control', login: '/control', write: null },
    }
  }
  return {
    cluster,
    bytes,
    readers: await logIn(connections, cluster.entry, 'reader', settings.readers, signal),
    writers: await logIn(connections, cluster.entry, 'writer', settings.writers, signal),
    paths: { page: '/me', login: '/login', write: '/counter' },
  }
}
