/** Writes down what a gate found out about one strategy, whatever it was compared with; pure. */
import { bottleneck } from '../load/audit.ts'
import type { Contest, Judgement } from './contest.ts'
import type { Correctness } from './correctness.ts'
import { isTimed } from './gate-metrics.ts'
import type { GateStrategyRecord } from './gate-record.ts'
import type { PairRecord } from './pair-record.ts'

/** What was found out; the judgement is `null` when there was no pair to judge. */
export interface Found {
  readonly contest: Contest
  readonly pairs: readonly PairRecord[]
  readonly correctness: Correctness
  readonly judgement: Judgement | null
}

export function strategyRecord(found: Found): GateStrategyRecord {
  const { contest, pairs, judgement } = found
  const { compared, falls } = found.correctness
  const fell = falls.length > 0
  const correctness = { compared, falls: falls.map((fall) => ({ ...fall })) }
  const about = { name: contest.name, correctness, pairs: pairs.length }
  if (contest.pairs === null) {
    return {
      ...about,
      status: 'new',
      verdict: fell ? 'worse' : 'fine',
      note: 'only in head: there is nothing to compare it with',
      metrics: [],
    }
  }
  const late = lateGenerator(pairs)
  const metrics = judgement?.metrics ?? []
  const verdict = fell ? 'worse' : (judgement?.verdict ?? 'undecided')
  return {
    ...about,
    status: 'compared',
    verdict: verdict === 'fine' && late !== null ? 'undecided' : verdict,
    note: [
      metrics.length === 0 ? '' : contest.pairs.note,
      noteOf(fell, judgement, pairs.length) || (late ?? ''),
    ]
      .filter((note) => note !== '')
      .join('; '),
    metrics: metrics.map((metric) => {
      const doubtful = late !== null && metric.verdict === 'fine' && isTimed(metric.name)
      return doubtful ? { ...metric, verdict: 'undecided' as const } : metric
    }),
  }
}

/**
 * What comes late from the generator is late on both sides, so that their latencies are more alike than they are: of many
 * such pairs they cannot be called fine. Everything else is counted, not timed, and stands.
 */
const lateGeneratorShare = 0.25

function lateGenerator(pairs: readonly PairRecord[]): string | null {
  const late = pairs.flatMap(({ generator }) => bottleneck(generator) ?? [])
  if (late.length <= lateGeneratorShare * pairs.length) return null
  return `latencies are partly the generator's own: in ${late.length} of ${pairs.length} pairs this machine was too slow, or too busy, for it; ${late[0]}`
}

function noteOf(fell: boolean, judgement: Judgement | null, pairs: number): string {
  if (fell) return pairs === 0 ? 'costs were not compared: logins come first' : ''
  if (judgement === null) return 'not measured: the gate had ended before'
  if (judgement.verdict !== 'undecided') return ''
  if (pairs < judgement.firstLook) {
    return `${pairs} pairs in the time there was, at least ${judgement.firstLook} are needed to tell anything`
  }
  return judgement.stop ? '' : 'the gate ended before it was settled'
}
