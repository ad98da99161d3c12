/** Whether head knows its users under load as well: the experiments about logins ask a few dozen, one after the other. */
import type { Fall } from './correctness.ts'
import type { PairRecord } from './pair-record.ts'

/**
 * Pure. Every paced request comes from somebody who is logged in, or logs in; where base has answered all of them with
 * 200, head should. A strategy that loses logins in base already is left to `restart-survival` and `login-persistence`.
 * @returns what head has lost in this pair; `null` when nothing, or when base has lost some as well
 */
export function lossUnderLoad({ base, head }: PairRecord): Fall | null {
  const lost = head.sent - head.recognised
  if (lost === 0 || base.recognised < base.sent) return null
  return {
    experiment: 'gate',
    case: 'under load',
    metric: 'recognisedShare',
    base: 1,
    head: head.recognised / head.sent,
    note: `${lost} of ${head.sent} requests were not answered with 200; so it was in the pair before`,
  }
}
