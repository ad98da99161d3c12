/** Whether costs were those of warm code, from the windows in which they were measured; pure. */
import { percent } from '../load/machine-shares.ts'
import { mean } from '../stats/mean.ts'
import { median } from '../stats/quantile.ts'
import type { Rounds } from './cost-rounds.ts'
import type { CostWindow } from './cost-window.ts'

/** Fewer rounds than this in a trial do not show whether a cost moves. */
const leastRounds = 4
/** How much a cost may move, beside the control's, from the first half of the rounds to the second. */
const mostMoved = 0.1

/**
 * Why the costs of a cluster are those of cold code; `null` when they were warm: while they were measured they did not move
 * beside the control's, in either direction (the control may still be getting warmer), nor fall by twice as much by themselves
 * (while both get warmer alike, their ratio stands still; a machine that changes its speed moves both as well, so less is no
 * sign). Judged over the trials together: how code gets warm is the same in each.
 * @param trials the rounds of each
 * @param requestsPerReplica before the first of them, the least of any trial
 */
export function coldDoubt(trials: readonly Rounds[], requestsPerReplica: number): string | null {
  const after = `after ${requestsPerReplica.toLocaleString('en-US')} requests per replica`
  const rounds = Math.min(...trials.map(({ own }) => own.length))
  if (!(rounds >= leastRounds)) return `cold: too short to tell, ${after}`
  const moved = mean(trials.map((trial) => fromHalfToHalf(besideLogs(trial))))
  const fell = Math.min(0, mean(trials.map(({ own }) => fromHalfToHalf(own.map(logCost)))))
  const limit = Math.log1p(mostMoved)
  if (Math.abs(moved) <= limit && -fell <= 2 * limit) return null
  const change = Math.expm1(Math.abs(moved) > limit ? moved : fell)
  return `not known to be warm ${after}: CPU per request still moved by ${percent(Math.abs(change))} while it was measured`
}

function besideLogs({ own, beside }: Rounds): number[] {
  return own.map((window, at) => logCost(window) - mean(beside[at]!.map(logCost)))
}

/** ln of the CPU time of the replicas per request or, where the system does not tell it, of the time per request. */
function logCost({ cpuMicros, elapsedMs, answered, failed }: CostWindow): number {
  return Math.log(Math.max(1, cpuMicros.replica ?? elapsedMs * 1000) / Math.max(1, answered + failed))
}

function fromHalfToHalf(values: readonly number[]): number {
  const half = Math.floor(values.length / 2)
  return median(values.slice(-half)) - median(values.slice(0, half))
}
