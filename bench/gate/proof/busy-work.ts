/**
 * Finds out how much busy work costs a given CPU time. The work is PBKDF2: native code that touches next to no memory, so
 * that its cost is in proportion to the iterations, whatever the compiler has made of the rest and the rest of the caches.
 */
import { pbkdf2Sync } from 'node:crypto'
import { mean } from '../../stats/mean.ts'
import type { PairRecord } from '../pair-record.ts'

/** Long enough for the accounting to be exact, short enough not to be noticed. */
const iterationsOfATry = 200_000

/** Pairs whose head did busy work, from earlier gates. */
export interface BusyPairs {
  readonly busyIterations: number
  readonly pairs: readonly PairRecord[]
}

/** What a request with busy work costs more, in microseconds of CPU time. */
export interface BusyCost {
  /** However few the iterations: the call, and what it leaves to the garbage collector. */
  readonly perCall: number
  readonly perIteration: number
}

/**
 * What busy work has cost the replicas of earlier gates: a straight line, by least squares, through what they used more
 * than their base and the iterations they did. In a loop of its own the same work is cheaper than between requests on a
 * busy machine, and nothing is paid for the call: a slow-down of 5 % would come out as one of 7 %.
 * @returns `null` when there were no such gates yet; without gates of two sizes, the line goes through the origin
 */
export function costInReplicas(gates: readonly BusyPairs[]): BusyCost | null {
  const points = gates.flatMap(({ busyIterations: x, pairs }) =>
    x === 0
      ? []
      : pairs.flatMap(({ base, head }) => {
          if (base.cpuMicros.replica === null || head.cpuMicros.replica === null) return []
          return [{ x, y: head.cpuMicros.replica / head.sent - base.cpuMicros.replica / base.sent }]
        }),
  )
  if (points.length === 0) return null
  const [meanX, meanY] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))]
  const varianceX = mean(points.map(({ x }) => (x - meanX) ** 2))
  const slope = varianceX === 0 ? 0 : mean(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / varianceX
  const perCall = meanY - slope * meanX
  if (slope > 0 && perCall >= 0) return { perCall, perIteration: slope }
  return meanY > 0 ? { perCall: 0, perIteration: meanY / meanX } : null
}

/** CPU time of one iteration in a loop of its own, in microseconds. */
export function microsPerIterationAlone(): number {
  const before = process.cpuUsage()
  pbkdf2Sync('busy', 'work', iterationsOfATry, 32, 'sha256')
  const { user, system } = process.cpuUsage(before)
  return (user + system) / iterationsOfATry
}
