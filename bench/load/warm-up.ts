/** Loads clusters in turn until what a request costs has come to rest: warm is measured, not hoped for. */
import { z } from 'zod'
import { amount, count } from '../record/values.ts'
import { flatness } from '../stats/flat.ts'
import type { Random } from '../stats/random.ts'

/** What a warm-up has seen of one cluster. */
export const warmUpRecord = z.strictObject({
  requestsPerReplica: count,
  /** Of a request in each chunk, oldest first: CPU time of the replicas, or where the system does not tell it, time. */
  costMicros: z.array(amount),
  /** Whether that had come to rest, by itself and beside the control's. */
  flat: z.boolean(),
  /** The change that spoke most against rest, as a share; `null` when there was too little to compare. */
  change: z.number().min(-1).nullable(),
})
export type WarmUpRecord = z.infer<typeof warmUpRecord>

/** What came of one chunk of load. */
export interface WarmUpChunk {
  readonly requests: number
  readonly elapsedMs: number
  /** Of the replicas; `null` where the system does not tell. */
  readonly cpuMicros: number | null
}

/** A cluster to warm up. */
export interface WarmUpTarget {
  readonly replicas: number
  load(durationMs: number): Promise<WarmUpChunk>
}

/** How long to go on, in requests per replica; a cluster that is not at rest by `most` stays cold. */
export interface WarmUpLimits {
  readonly chunk: number
  readonly least: number
  readonly most: number
}

/** How much the cost may still move from one quarter of the warm-up to the next. */
const accepted = 0.1

/** The first chunk tells how many requests a cluster answers in a given time. */
const firstChunkMs = 150
/** A machine that stalls in one chunk must not make the next one too long to be one of many. */
const longestChunkMs = 800

/**
 * Goes round, one at a time and in random order, until each cluster is at rest. The first target is the control: it goes on as long as any
 * other does, since the others are compared with it. One that answers nothing is given up, and stays cold.
 *
 * Not all at the same time, although that would use the cores better: what the compiler makes of a process depends on how its
 * requests came, and the control, always a moment ahead of its twin, came out 18 % cheaper in all of four trials.
 * @returns what was seen of each target, in their order
 */
export async function warmUp(
  targets: readonly WarmUpTarget[],
  limits: WarmUpLimits,
  random: Random,
  signal: AbortSignal,
): Promise<WarmUpRecord[]> {
  const states = targets.map((target) => ({
    target,
    chunkMs: firstChunkMs,
    requests: 0,
    costs: [] as number[],
    silent: false,
  }))
  const [control] = states
  const recordOf = ({ target, costs, requests, silent }: (typeof states)[number]): WarmUpRecord => {
    const logRatios = costs.map((cost, round) => Math.log(cost / control!.costs[round]!))
    return {
      requestsPerReplica: Math.round(requests / target.replicas),
      costMicros: costs,
      ...(silent ? { flat: false, change: null } : flatness(logRatios, costs, accepted)),
    }
  }
  const isDone = (state: (typeof states)[number]) => {
    if (state.silent) return true
    const { requestsPerReplica, flat } = recordOf(state)
    return requestsPerReplica >= limits.most || (requestsPerReplica >= limits.least && flat)
  }
  for (let open = states; open.length > 0; open = states.filter((state) => !isDone(state))) {
    for (const state of random.shuffle(open.includes(control!) ? open : [control!, ...open])) {
      signal.throwIfAborted()
      const { requests, elapsedMs, cpuMicros } = await state.target.load(state.chunkMs)
      state.costs.push(Math.max(1, cpuMicros ?? elapsedMs * 1000) / Math.max(1, requests))
      state.requests += requests
      if (requests === 0) state.silent = true
      else
        state.chunkMs = Math.min(
          longestChunkMs,
          (elapsedMs * limits.chunk * state.target.replicas) / requests,
        )
    }
  }
  return states.map(recordOf)
}
