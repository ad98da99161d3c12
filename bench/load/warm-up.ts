/** Loads clusters until what a request costs has come to rest: warm is measured, not hoped for. */
import { z } from 'zod'
import { flatness } from '../stats/flat.ts'

/** What a warm-up has seen of one cluster. */
export const warmUpRecord = z.strictObject({
  requestsPerReplica: z.number().int(),
  /** Of a request in each pass, oldest first: CPU time of the replicas, or where the system does not tell it, time. */
  costMicros: z.array(z.number()),
  /** Whether that had come to rest, by itself and beside the control's. */
  flat: z.boolean(),
  /** The change that spoke most against rest, as a share; `null` when there was too little to compare. */
  change: z.number().nullable(),
})
export type WarmUpRecord = z.infer<typeof warmUpRecord>

/** What came of one pass of load. */
export interface WarmUpPass {
  readonly requests: number
  readonly elapsedMs: number
  /** Of the replicas; `null` where the system does not tell. */
  readonly cpuMicros: number | null
}

/** A cluster to warm up. */
export interface WarmUpTarget {
  readonly replicas: number
  load(durationMs: number): Promise<WarmUpPass>
}

/** How long to go on, in requests per replica; a cluster that is not at rest by `most` is not known to be warm. */
export interface WarmUpLimits {
  readonly passMs: number
  readonly least: number
  readonly most: number
}

/**
 * Loads all clusters at the same time, pass after pass, until each is at rest: they use the whole machine, and its moods fall
 * on all alike. The first target is the control that the others are compared with. One that answers nothing is given up.
 * @returns what was seen of each target, in their order
 */
export async function warmUp(
  targets: readonly WarmUpTarget[],
  limits: WarmUpLimits,
  signal: AbortSignal,
): Promise<WarmUpRecord[]> {
  const states = targets.map((target) => ({ target, requests: 0, costs: [] as number[], silent: false }))
  const recordOf = ({ target, costs, requests, silent }: (typeof states)[number]): WarmUpRecord => {
    const logRatios = costs.map((cost, pass) => Math.log(cost / states[0]!.costs[pass]!))
    return {
      requestsPerReplica: Math.round(requests / target.replicas),
      costMicros: costs,
      ...(silent ? { flat: false, change: null } : flatness(logRatios, costs)),
    }
  }
  const isDone = (state: (typeof states)[number]) => {
    if (state.silent) return true
    const { requestsPerReplica, flat } = recordOf(state)
    return requestsPerReplica >= limits.most || (requestsPerReplica >= limits.least && flat)
  }
  while (!states.every(isDone)) {
    signal.throwIfAborted()
    await Promise.all(
      states.map(async (state) => {
        if (state.silent) return
        const { requests, elapsedMs, cpuMicros } = await state.target.load(limits.passMs)
        state.costs.push(Math.max(1, cpuMicros ?? elapsedMs * 1000) / Math.max(1, requests))
        state.requests += requests
        state.silent = requests === 0
      }),
    )
  }
  return states.map(recordOf)
}
