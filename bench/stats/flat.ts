/** Whether a cost that falls while code warms up has come to rest. */

import { median } from './quantile.ts'
import { assertPositiveSample, assertSample } from './sample.ts'

/** What the end of a warm-up says. */
export interface Flatness {
  readonly flat: boolean
  /** The change that speaks most against rest, as a share: −0.08 is 8 % cheaper; null before there is enough to compare. */
  readonly change: number | null
}

/** The median of fewer chunks than three does not outvote one that met a garbage collection or a stall. */
const LEAST_CHUNKS = 3

/**
 * Compares the last quarter of the chunks with the quarter before it, median with median: warm is when going on for a
 * third longer wins next to nothing. A window that grows with the warm-up gives the same answer for large and small
 * chunks, where the slope over a fixed few calls any fall flat if only the chunks are small enough; and it takes in
 * more of them, so that noise shrinks, as the fall does. No allowance for noise is made: a chunk more is cheap, and
 * noise must not turn cold into warm.
 *
 * Two things have to rest. The ratio to the control must not move, up or down: up means that the control is still
 * getting warmer. The cost itself must not fall, for while both warm up alike their ratio stands still; it may rise,
 * which is a slower machine and no cold code, and fall by twice the tolerance, as machines drift and what both have
 * still to win cancels in the ratio.
 *
 * What has not begun to fall looks flat: ask for a least number of requests beside this.
 * @param logRatios ln(cost of the cluster / cost of the control) of successive chunks of requests, oldest first;
 *   for the control itself, zeros
 * @param costs of the cluster in the same chunks, above 0 (µs of CPU per request)
 * @param tolerance of the change from quarter to quarter, as a share
 * @throws RangeError when lengths differ, values are not finite or costs not above 0, or the tolerance is not.
 */
export function flatness(logRatios: readonly number[], costs: readonly number[], tolerance = 0.05): Flatness {
  if (logRatios.length !== costs.length)
    throw new RangeError(`pairs were expected, got ${logRatios.length} ratios and ${costs.length} costs`)
  if (!(tolerance > 0)) throw new RangeError(`a tolerance above 0 was expected, got ${tolerance}`)
  if (costs.length < 2 * LEAST_CHUNKS) return { flat: false, change: null }
  assertSample(logRatios)
  assertPositiveSample(costs)

  const moved = quarterToQuarter(logRatios)
  const fell = Math.min(0, quarterToQuarter(costs.map(Math.log)))
  const limit = Math.log1p(tolerance)
  return {
    flat: Math.abs(moved) <= limit && -fell <= 2 * limit,
    change: Math.expm1(Math.abs(moved) * 2 >= -fell ? moved : fell),
  }
}

function quarterToQuarter(values: readonly number[]): number {
  const quarter = Math.max(LEAST_CHUNKS, Math.ceil(values.length / 4))
  return median(values.slice(-quarter)) - median(values.slice(-2 * quarter, -quarter))
}
