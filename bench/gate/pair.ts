/** Measures one fresh pair: a cluster of base and one of head, up at the same time. */
import { z } from 'zod'
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { memoryPerReplica } from '../cluster/usage.ts'
import { expectWhole, lostPart } from '../cluster/whole.ts'
import { isAbort } from '../errors.ts'
import { Browser } from '../load/browser.ts'
import { logIn } from '../load/users.ts'
import { openCountedConnections } from '../load/wire.ts'
import { amount, count, positiveCount } from '../record/values.ts'
import type { PairOrder } from '../stats/pair-order.ts'
import type { Random } from '../stats/random.ts'
import { asSide, type LoadedSide, pacedPair, saturatedPair, warmPair } from './pair-load.ts'
import type { PairRecord } from './pair-record.ts'
import { type Side, SideError, type SideUnderTest } from './side.ts'

/** How much of a pair is measured. */
export const pairSettings = z.strictObject({
  replicas: positiveCount,
  readers: count,
  writers: count,
  /** Discarded load at saturation, in requests per replica. */
  warmUp: z.strictObject({ chunk: count, least: count, most: count }),
  /** Windows at saturation for each side, in turn. */
  rounds: count,
  windowMs: amount,
  /** A moment at the steady rate, discarded, and then the window; both sides at once, and the rate for each. */
  settlingMs: amount,
  pacedMs: amount,
  ratePerSecond: amount,
})
export type PairSettings = z.infer<typeof pairSettings>

export const defaultSettings: PairSettings = {
  replicas: 1,
  readers: 24,
  writers: 8,
  warmUp: { chunk: 2_000, least: 16_000, most: 16_000 },
  rounds: 14,
  windowMs: 100,
  settlingMs: 200,
  pacedMs: 1_000,
  ratePerSecond: 600,
}

/** Starting and stopping both clusters, on a machine of two cores. */
const startAndStopMs = 1_000

/** Roughly what a pair takes, for planning how many fit into the time: two sides that answer 10 requests a millisecond. */
export function expectedPairMs(settings: PairSettings): number {
  const { replicas, warmUp, rounds, windowMs, settlingMs, pacedMs } = settings
  const warmUpMs = (2 * replicas * warmUp.least) / 10
  return startAndStopMs + warmUpMs + settlingMs + pacedMs + 2 * rounds * (windowMs + 10)
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

  const warmth = await warmPair(pair, settings.warmUp, random, signal)
  const warmUpMs = clock()

  const saturated = await saturatedPair(pair, settings, random, signal)
  // What the last saturated window left under way would be counted as this load's.
  await pacedPair(pair, settings.settlingMs, settings.ratePerSecond, random, signal)
  const { sides, generator } = await pacedPair(pair, settings.pacedMs, settings.ratePerSecond, random, signal)
  const memory = await Promise.all(pair.map((side) => asSide(side, memoryPerReplica)))
  await Promise.all(pair.map((side) => asSide(side, expectWhole)))
  const measureMs = clock()
  await open.disposeAsync()

  const side = (name: Side) => {
    const at = order.indexOf(name) as 0 | 1
    return {
      ...sides[at]!,
      memoryBytesPerReplica: memory[at] ?? null,
      warmUp: warmth[at]!,
      saturated: saturated[at]!,
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
        const loading = load(cluster, strategy.name === spec.control, settings, open, either)
        const loaded = await loading.catch(async (error: unknown) => {
          throw (await lostPart(cluster)) ?? error
        })
        return { side: name, ...loaded }
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
  const { connections, bytes } = openCountedConnections(cluster.entry, signal)
  open.use(connections)
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
