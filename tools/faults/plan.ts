/** Which faults a campaign tries, in which order, and the seed that each of them follows from. Pure. */
import { seededRandom } from '../../bench/stats/random.ts'

/** One fault to be tried. */
export interface PlannedFault {
  /** The name of its class. */
  readonly name: string
  /** What it was, where and when follow from this alone: `--only NAME --seed SEED --count 1` tries it again. */
  readonly seed: number
}

/** Every class is tried equally often, as nearly as the count allows; the order is drawn. */
export function planFaults(names: readonly string[], count: number, seed: number): PlannedFault[] {
  if (names.length === 0) return []
  const random = seededRandom(seed)
  const order: string[] = []
  while (order.length < count) order.push(...random.shuffle(names))
  return order.slice(0, count).map((name, index) => ({ name, seed: seedOf(seed, index) }))
}

/** The first fault of a campaign has the campaign's own seed, so that it can be asked for. Steps of 2^32 / φ meet no seed twice. */
function seedOf(seed: number, index: number): number {
  return (seed + Math.imul(index, 0x9e3779b1)) >>> 0
}
