/**
 * Finds out how much busy work costs a given CPU time. The work is PBKDF2: native code that touches next to no memory, so
 * that its cost is in proportion to the iterations, whatever the compiler has made of the rest and the rest of the caches.
 */
import { pbkdf2Sync } from 'node:crypto'
import type { PairRecord } from '../pair-record.ts'

/** Long enough for the accounting to be exact, short enough not to be noticed. */
const iterationsOfATry = 200_000

/** Pairs whose head did busy work, from earlier gates. */
export interface BusyPairs {
  readonly busyIterations: number
  readonly pairs: readonly PairRecord[]
}

/**
 * CPU time of one iteration, in microseconds, as it cost the replicas of earlier gates: what they used more than their
 * base, by the iterations they did. In a loop of its own it is cheaper than between requests on a busy machine, and a
 * slow-down of 5 % would come out as one of 7 %.
 * @returns `null` when there were no such gates yet
 */
export function microsPerIterationInReplicas(gates: readonly BusyPairs[]): number | null {
  let [micros, iterations] = [0, 0]
  for (const { busyIterations, pairs } of gates) {
    if (busyIterations === 0) continue
    for (const { base, head } of pairs) {
      if (base.cpuMicros.replica === null || head.cpuMicros.replica === null) continue
      micros += head.cpuMicros.replica / head.sent - base.cpuMicros.replica / base.sent
      iterations += busyIterations
    }
  }
  return iterations === 0 || micros <= 0 ? null : micros / iterations
}

/** CPU time of one iteration in a loop of its own, in microseconds. */
export function microsPerIterationAlone(): number {
  const before = process.cpuUsage()
  pbkdf2Sync('busy', 'work', iterationsOfATry, 32, 'sha256')
  const { user, system } = process.cpuUsage(before)
  return (user + system) / iterationsOfATry
}
