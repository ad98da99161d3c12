/** Whether head knows its users under load as well: the experiments about logins ask a few dozen, one after the other. */
import { proportionInterval } from '../stats/proportion.ts'
import type { Fall } from './correctness.ts'
import type { PairRecord } from './pair-record.ts'

/** Chance that two sides that lose as many are told apart in one pair; only what is found twice in a row counts. */
const chance = 0.001

/** Pure. What head does to its users under load that base does not, by the pairs so far, in order; `null` for nothing. */
export function wrongUnderLoad(pairs: readonly PairRecord[]): Fall | null {
  return takenForAnother(pairs) ?? lossUnderLoad(pairs)
}

/** The worst that a session can do, and nothing that a broken connection could: once is enough. */
function takenForAnother(pairs: readonly PairRecord[]): Fall | null {
  const { base, head } = pairs.at(-1)!
  if (head.answeredAsAnother === 0 || pairs.some((pair) => pair.base.answeredAsAnother > 0)) return null
  return {
    experiment: 'gate',
    case: 'under-load',
    metric: 'answeredAsAnother',
    base: base.answeredAsAnother,
    head: head.answeredAsAnother,
    note: `${head.answeredAsAnother} of ${head.sent} requests were answered as if somebody else had sent them`,
  }
}

/**
 * Pure. Every paced request comes from somebody who is logged in, or logs in, and should be answered with 200. A connection
 * may break once for no fault of head's: what it loses in two pairs, one after the other, is its own.
 * @param pairs so far, in order
 * @returns what head has lost in the last pair, if it has in the one before as well; otherwise `null`
 */
function lossUnderLoad(pairs: readonly PairRecord[]): Fall | null {
  const [before, last] = pairs.slice(-2)
  if (before === undefined || last === undefined || !losesMore(before) || !losesMore(last)) return null
  const { base, head } = last
  return {
    experiment: 'gate',
    case: 'under-load',
    metric: 'recognisedShare',
    base: base.recognised / base.sent,
    head: head.recognised / head.sent,
    note: `${head.sent - head.recognised} of ${head.sent} requests were not answered with 200; so it was in the pair before`,
  }
}

/**
 * Where base has answered everybody, head should: one request is enough. Where base has lost some as well, head loses more
 * only when, of all that were lost, more were head's than a coin would give it.
 */
function losesMore({ base, head }: PairRecord): boolean {
  const lost = head.sent - head.recognised
  const lostByBase = base.sent - base.recognised
  if (lostByBase === 0) return lost > 0
  return proportionInterval(lost, lost + lostByBase, 1 - 2 * chance).low > 0.5
}
