/** What a gate has to know of each strategy, whatever it is compared with. */
import type { Correctness, Fall } from './correctness.ts'
import type { GateMetricRecord, GateVerdict } from './gate-record.ts'
import type { PairRecord } from './pair-record.ts'

/** One strategy of head in a gate. */
export interface Contest {
  readonly name: string
  /** What became of its logins. @throws {SideError} when a side does not run */
  checkLogins(): Promise<Correctness>
  /** `null` where there is nothing to compare its costs with: it has only to run. */
  readonly pairs: PairContest | null
}

/** How the costs of one strategy are measured, and judged. */
export interface PairContest {
  /** What has to be known of how this is judged; may be empty. */
  readonly note: string
  /** @param index from 0 @throws {SideError} when a side does not run */
  measure(index: number): Promise<PairRecord>
  /** What head does to its users under load, and what it is compared with does not, by the pairs so far; `null` for nothing. Pure. */
  wrong(pairs: readonly PairRecord[]): Fall | null
  /** Of at least one pair. @param last whether time is up. Pure. */
  judge(pairs: readonly PairRecord[], last: boolean): Judgement
}

/** What the pairs of one strategy say. */
export interface Judgement {
  readonly verdict: GateVerdict
  /** Whether no further pair is needed, or allowed. */
  readonly stop: boolean
  /** With fewer pairs nothing can be told. */
  readonly firstLook: number
  readonly metrics: readonly GateMetricRecord[]
}
