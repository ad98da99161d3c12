/** How sessions are known to behave, as counts that a run of the preset `quick` comes out with on any machine. Pure. */
import type { Finding } from '../bench/record/finding.ts'

/** What one finding has to be. */
export interface ExpectedCount extends Pick<Finding, 'strategy' | 'experiment' | 'case' | 'metric'> {
  readonly least: number
  readonly most: number
}

type Row = readonly [
  strategy: string,
  experiment: string,
  about: string,
  metric: string,
  least: number,
  most: number,
]

/** @param replicas of the run */
export function expectedCounts(replicas: number): ExpectedCount[] {
  const all = String(replicas)
  const rows: readonly Row[] = [
    // Behind a strict rotation a process's memory knows its own share of the pages.
    ...Array.from({ length: replicas }, (_, index): Row => {
      const share = 1 / (index + 1)
      return ['memory', 'login-persistence', String(index + 1), 'recognisedShare', share, share]
    }),
    ...['memory-sticky', 'cookie', 'redis', 'redis-aof'].map(
      (name): Row => [name, 'login-persistence', all, 'recognisedShare', 1, 1],
    ),
    ['memory', 'login-persistence', all, 'lostForGoodShare', 0.6, 1],
    ['redis', 'login-persistence', all, 'lostForGoodShare', 0, 0],
    ['redis', 'login-persistence', all, 'logoutEffectiveShare', 1, 1],
    ['cookie', 'login-persistence', all, 'logoutEffectiveShare', 0, 0],
    ...['rolling-restart', 'crash', 'restart-all'].flatMap((fault) =>
      ['cookie', 'redis', 'redis-aof'].flatMap((name): Row[] => [
        [name, 'restart-survival', fault, 'survivedShare', 1, 1],
        [name, 'restart-survival', fault, 'recognisedShareAfter', 1, 1],
        [name, 'restart-survival', fault, 'acknowledgedLoginsLost', 0, 0],
      ]),
    ),
    // A replica takes its own logins with it: a third of them, give or take one of the dozen that there are.
    ...['memory', 'memory-sticky'].flatMap((name): Row[] => [
      [name, 'restart-survival', 'rolling-restart', 'survivedShare', 0, 0],
      [name, 'restart-survival', 'crash', 'survivedShare', 0.58, 0.76],
      [name, 'restart-survival', 'restart-all', 'survivedShare', 0, 0],
    ]),
    ['memory', 'restart-survival', 'crash', 'recognisedShareBefore', 1 / replicas, 1 / replicas],
    ['memory-sticky', 'restart-survival', 'crash', 'recognisedShareBefore', 1, 1],
    ['redis', 'restart-survival', 'store-restart', 'survivedShare', 1, 1],
    ['redis', 'restart-survival', 'store-crash', 'survivedShare', 0, 0],
    ['redis-aof', 'restart-survival', 'store-restart', 'survivedShare', 1, 1],
    ['redis', 'restart-survival', 'store-restart', 'acknowledgedLoginsLost', 0, 0],
    ['redis', 'restart-survival', 'store-crash', 'acknowledgedLoginsLost', 1, Number.POSITIVE_INFINITY],
    ['redis-aof', 'restart-survival', 'store-crash', 'survivedShare', 1, 1],
  ]
  return rows.map(([strategy, experiment, about, metric, least, most]) => ({
    strategy,
    experiment,
    case: about,
    metric,
    least,
    most,
  }))
}

/** The finding that an expectation is about, if there is one. */
export function findingFor(expected: ExpectedCount, findings: readonly Finding[]): Finding | undefined {
  return findings.find(
    (finding) =>
      finding.strategy === expected.strategy &&
      finding.experiment === expected.experiment &&
      finding.case === expected.case &&
      finding.metric === expected.metric,
  )
}

/** Whether a value is one that was expected; thirds are not exact in binary. */
export function isAsExpected(value: number, { least, most }: ExpectedCount): boolean {
  return value >= least - 1e-9 && value <= most + 1e-9
}

/** For people, e.g. `memory, login-persistence 3, recognisedShare: 0.4, expected 0.333`. */
export function describeCount(expected: ExpectedCount, value: number | null): string {
  const { strategy, experiment, metric, least, most } = expected
  const wanted = least === most ? rounded(least) : `${rounded(least)} to ${rounded(most)}`
  const found = value === null ? 'null' : rounded(value)
  return `${strategy}, ${experiment} ${expected.case}, ${metric}: ${found}, expected ${wanted}`
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)))
}
