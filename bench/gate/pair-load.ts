/** The load of a gate: every route of the contract, the same requests of the same users to both sides. */
import type { Cluster } from '../cluster/cluster.ts'
import { cpuBetween, readCpu, readStoreCommands } from '../cluster/usage.ts'
import { lostPart } from '../cluster/whole.ts'
import { isAbort } from '../errors.ts'
import { type GeneratorAudit, startAudit } from '../load/audit.ts'
import { type Browser, type Outcome, outcomeOf, type Reply } from '../load/browser.ts'
import { Latencies } from '../load/latencies.ts'
import { runPaced } from '../load/paced.ts'
import { type MixRequest, saturate } from '../load/saturate.ts'
import type { User } from '../load/users.ts'
import { type WarmUpLimits, type WarmUpRecord, warmUp } from '../load/warm-up.ts'
import type { WireBytes } from '../load/wire.ts'
import type { Random } from '../stats/random.ts'
import type { SaturatedWindow, SideOfPair } from './pair-record.ts'
import { type Side, SideError } from './side.ts'

/** One side under load. */
export interface LoadedSide {
  readonly side: Side
  readonly cluster: Cluster
  /** They only read: what they are told stays the same however often they ask. */
  readonly readers: readonly User[]
  /** They only count, so that behind a strategy that loses logins nobody else's cookie is overwritten. */
  readonly writers: readonly User[]
  readonly paths: { readonly page: string; readonly login: string; readonly write: string | null }
  bytes(): WireBytes
}

type Kind = 'page' | 'login' | 'write'
/** Of eight requests, as in a site that is mostly read; shuffled, but never other numbers of each. */
const cycle: readonly Kind[] = ['login', 'write', 'page', 'page', 'page', 'page', 'page', 'page']

/** What the paced window tells of a side. */
export type PacedSide = Omit<SideOfPair, 'memoryBytesPerReplica' | 'warmUp' | 'saturated'>

/**
 * Sends each request to both sides within the same slot, in random order, so that whatever
 * disturbs the machine, and whatever being asked second gains, falls on both alike.
 * @param ratePerSecond for each side
 * @throws {SideError} when a part of one side has ended
 */
export async function pacedPair(
  both: readonly [LoadedSide, LoadedSide],
  durationMs: number,
  ratePerSecond: number,
  random: Random,
  signal: AbortSignal,
): Promise<{ readonly sides: readonly [PacedSide, PacedSide]; readonly generator: GeneratorAudit }> {
  const seen = both.map(() => ({
    sent: 0,
    answered: 0,
    recognised: 0,
    answeredAsAnother: 0,
    latencies: new Latencies(),
  }))
  const slots = drawSlots(random, both[0].readers.length, both[0].writers.length)
  const bytesBefore = both.map((side) => side.bytes())
  const readAll = () => Promise.all(both.map((side) => asSide(side, readStoreCommands)))
  const commandsBefore = await readAll()
  const audit = startAudit()
  const requests = 2 * Math.round((durationMs * ratePerSecond) / 1000)
  const enough = new AbortController()
  await runPaced(
    { ratePerSecond: 2 * ratePerSecond, until: AbortSignal.any([signal, enough.signal]) },
    async (index) => {
      if (index === requests - 1) enough.abort() // a count, not a time: both sides get exactly as many
      const slot = slots(Math.floor(index / 2))
      const at = index % 2 === 0 ? slot.first : 1 - slot.first
      return { at, outcome: await asSide(both[at]!, () => send(both[at]!, slot)) }
    },
    ({ result: { at, outcome }, intendedAtMs, endedAtMs }) => {
      const counts = seen[at]!
      counts.sent += 1
      counts.latencies.record(endedAtMs - intendedAtMs)
      if (outcome !== 'failed') counts.answered += 1
      if (outcome === 'ok') counts.recognised += 1
      if (outcome === 'answered-as-another') counts.answeredAsAnother += 1
    },
    (lagMs) => audit.sent(lagMs),
  )
  const generator = audit.finish()
  const commandsAfter = await readAll()
  signal.throwIfAborted()
  const side = (at: 0 | 1): PacedSide => {
    const { latencies, ...counts } = seen[at]!
    const [before, after] = [bytesBefore[at]!, both[at].bytes()]
    return {
      ...counts,
      latency: latencies.summary(),
      storeCommands: difference(commandsBefore[at]!, commandsAfter[at]!),
      wire: { sent: after.sent - before.sent, received: after.received - before.received },
    }
  }
  return { sides: [side(0), side(1)], generator }
}

/**
 * Asks a side something that it can answer only while it runs.
 * @throws {SideError} when it cannot, with the part that it has lost, if that is why
 */
export async function asSide<T>(
  { side, cluster }: LoadedSide,
  ask: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  try {
    return await ask(cluster)
  } catch (error) {
    if (isAbort(error)) throw error
    throw new SideError(side, `${cluster.spec.strategy.name} under load`, (await lostPart(cluster)) ?? error)
  }
}

async function readCpuOf(cluster: Cluster) {
  const readings = cluster.replicas.map(async (replica) => (await replica.mainThreadCpuMicros?.()) ?? null)
  const [tiers, ...threads] = await Promise.all([readCpu(cluster), ...readings])
  const mainThreads = threads.reduce<number | null>(
    (sum, value) => (sum === null || value === null ? null : sum + value),
    0,
  )
  return { tiers, mainThreads }
}

function difference(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before
}

interface Slot {
  readonly first: 0 | 1
  readonly kind: Kind
  /** Of the readers or the writers. */
  readonly user: number
}

/** The slots in order, each drawn when it is first asked for; asked for twice, and in order. */
function drawSlots(random: Random, readers: number, writers: number): (index: number) => Slot {
  let kinds: Kind[] = []
  let current: { readonly index: number; readonly slot: Slot } | null = null
  return (index) => {
    if (current?.index === index) return current.slot
    if (kinds.length === 0) kinds = random.shuffle(cycle)
    const kind = kinds.pop()!
    const slot: Slot = {
      first: random.int(2) === 0 ? 0 : 1,
      kind,
      user: random.int(kind === 'write' ? writers : readers),
    }
    current = { index, slot }
    return slot
  }
}

async function send(side: LoadedSide, slot: Slot): Promise<Outcome> {
  const { name, browser } = (slot.kind === 'write' ? side.writers : side.readers)[slot.user]!
  return outcomeOf(await request(side, slot.kind, name, browser), name)
}

function request({ paths }: LoadedSide, kind: Kind, name: string, browser: Browser): Promise<Reply> {
  // By somebody new: a user's own login would end the session of a page under way.
  if (kind === 'login') return browser.stranger().post(paths.login, { user: name })
  return kind === 'write' && paths.write !== null ? browser.post(paths.write) : browser.get(paths.page)
}

/** Connections of the closed loop; each goes through the mix with the session of its last login. */
const connections = 24

/** The same mix as a closed loop, for a moment. @throws {SideError} when a part of the side has ended */
export async function saturatedWindow(
  side: LoadedSide,
  durationMs: number,
  signal: AbortSignal,
): Promise<SaturatedWindow> {
  const before = await asSide(side, readCpuOf)
  const { statuses, unanswered, elapsedMs } = await saturate(
    {
      entry: side.cluster.entry,
      mix: closedLoopMix(side.paths),
      cookieHeaders: Array.from({ length: connections }, () => undefined),
      durationMs,
    },
    signal,
  )
  const after = await asSide(side, readCpuOf)
  const count = (fits: (status: number) => boolean) =>
    Object.entries(statuses).reduce((sum, [status, times]) => sum + (fits(Number(status)) ? times : 0), 0)
  return {
    answered: count((status) => status < 500),
    failed: count((status) => status >= 500) + unanswered,
    elapsedMs,
    cpuMicros: cpuBetween(before.tiers, after.tiers),
    replicaMainThreadMicros: difference(before.mainThreads, after.mainThreads),
  }
}

function closedLoopMix(paths: LoadedSide['paths']): MixRequest[] {
  const page: MixRequest = { method: 'GET', path: paths.page, session: 'send' }
  return cycle.map((kind) => {
    if (kind === 'login')
      return { method: 'POST', path: paths.login, body: { user: 'saturating' }, session: 'take' }
    return kind === 'write' && paths.write !== null
      ? { method: 'POST', path: paths.write, session: 'send' }
      : page
  })
}

/** Discarded load on both sides, in turn, until the cost of a request rests on each and beside the other. */
export async function warmPair(
  both: readonly [LoadedSide, LoadedSide],
  limits: WarmUpLimits,
  random: Random,
  signal: AbortSignal,
): Promise<readonly [WarmUpRecord, WarmUpRecord]> {
  const targets = both.map((side) => ({
    replicas: side.cluster.spec.replicas,
    async load(durationMs: number) {
      const { answered, failed, elapsedMs, cpuMicros } = await saturatedWindow(side, durationMs, signal)
      return { requests: answered + failed, elapsedMs, cpuMicros: cpuMicros.replica }
    },
  }))
  const [first, second] = await warmUp(targets, limits, random, signal)
  return [first!, second!]
}

/** Saturated windows so short, and so many, that drift falls on both sides alike; each two in random order. */
export async function saturatedPair(
  both: readonly [LoadedSide, LoadedSide],
  { rounds, windowMs }: { readonly rounds: number; readonly windowMs: number },
  random: Random,
  signal: AbortSignal,
): Promise<readonly [SaturatedWindow[], SaturatedWindow[]]> {
  const windows: [SaturatedWindow[], SaturatedWindow[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    for (const at of random.shuffle([0, 1] as const)) {
      windows[at].push(await saturatedWindow(both[at], windowMs, signal))
    }
  }
  return windows
}
