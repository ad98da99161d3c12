/** An open-loop pacer: requests start when they are due, however long earlier ones take to be answered. */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'

/** When the request number `index` (from 0) is due, in milliseconds after the start. */
export function dueAtMs(index: number, ratePerSecond: number): number {
  return (index * 1000) / ratePerSecond
}

/** How many requests are due after `elapsedMs`; the first one is due at once. */
export function dueCount(elapsedMs: number, ratePerSecond: number): number {
  if (elapsedMs < 0) return 0
  // The tolerance keeps request n from being missed at its own due time, which division may put just above it.
  return Math.floor((elapsedMs * ratePerSecond) / 1000 + 1e-9) + 1
}

/** Timers count whole milliseconds, and fire up to one late. */
const timerMs = 1.5

/**
 * Sleeps, and turns the event loop for the last moment: by timers alone a request leaves half a millisecond late, which is a
 * quarter of what many take. Where requests are due closer together than that, it would never sleep, and take a core from
 * what it measures: there timers have to do.
 */
async function waitExactly(ms: number): Promise<void> {
  if (ms <= timerMs) return sleep(ms)
  const until = performance.now() + ms
  await sleep(ms - timerMs)
  while (performance.now() < until) await turn()
}

/** How requests are paced. */
export interface Pacing {
  readonly ratePerSecond: number
  /** Ends the pacing in the ordinary way. */
  readonly until: AbortSignal
  /** Monotonic, in milliseconds. */
  readonly now?: () => number
  readonly wait?: (ms: number) => Promise<void>
}

/**
 * Calls `send` for each request when it is due, with its number and its intended start on the monotonic clock; after
 * a stall of the generator all that fell due meanwhile are sent at once, so that the load offered stays as intended.
 * @returns how many were sent; the answers are the caller's to await
 */
export async function pace(
  pacing: Pacing,
  send: (index: number, intendedAtMs: number) => void,
): Promise<number> {
  const now = pacing.now ?? (() => performance.now())
  const wait = pacing.wait ?? waitExactly
  const startedAt = now()
  let sent = 0
  while (!pacing.until.aborted) {
    const due = dueCount(now() - startedAt, pacing.ratePerSecond)
    while (sent < due && !pacing.until.aborted) {
      send(sent, startedAt + dueAtMs(sent, pacing.ratePerSecond))
      sent += 1
    }
    await wait(Math.max(0, startedAt + dueAtMs(sent, pacing.ratePerSecond) - now()))
  }
  return sent
}
