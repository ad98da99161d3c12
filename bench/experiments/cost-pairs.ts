/** How far costs can be told apart: the noise floor of a run, and strategies compared with each other; pure. */
import type { Finding } from '../record/finding.ts'
import { comparePairs } from '../stats/pairwise.ts'

/** ln(strategy / control) of each trial, by strategy; `null` where a trial has none. */
export type LogRatios = Readonly<Record<string, readonly (number | null)[]>>

/** A difference of this size can be noise, as the twin shows: nothing below it is worth a word. */
const highestFloor = 0.2

/** How far from 1 the ratio of the twin may lie, as a share; `null` when a single trial cannot tell. */
export function noiseFloor({ low, high }: Pick<Finding, 'low' | 'high'>): number | null {
  if (low === null || high === null || low <= 0) return null
  return Math.exp(Math.max(Math.abs(Math.log(low)), Math.abs(Math.log(high)))) - 1
}

/** Why no ratio of a run can be compared; `null` when its noise is low enough. @param twin its own ratio */
export function noiseDoubt(twin: Pick<Finding, 'low' | 'high'> | undefined): string | null {
  const floor = twin === undefined ? null : noiseFloor(twin)
  if (floor === null || floor <= highestFloor) return null
  return `too noisy to compare: a second control could be ${Math.round(floor * 100)} % away from the first`
}

/**
 * Each strategy beside each that comes after it, over the same trials, with ranges that hold for all pairs at once.
 * @param metric the beginning of the name; the other strategy's follows
 * @param doubtsOf what speaks against a strategy's own figures
 */
export function comparedPairs(
  about: Pick<Finding, 'experiment' | 'case'>,
  metric: string,
  logRatios: LogRatios,
  level: number,
  doubtsOf: (strategy: string) => readonly string[],
): Finding[] {
  return comparePairs(logRatios, level).map(({ first, second, ratio, low, high, told }) => {
    const doubts = [...new Set([...doubtsOf(first), ...doubtsOf(second)])]
    const unknown = doubts.length > 0 || low === null
    const note = doubts.join('; ') || (low === null ? 'one trial: no interval' : '')
    return {
      ...about,
      strategy: first,
      metric: `${metric}.${second}`,
      value: ratio,
      unit: 'ratio',
      low,
      high,
      verdict: unknown ? 'unknown' : 'pass',
      note: note || (told ? '' : 'cannot be told apart'),
    }
  })
}
