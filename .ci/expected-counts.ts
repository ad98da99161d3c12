/** Checks that a run came out as sessions are known to behave; prints what did not and exits with 1. Usage: node .ci/expected-counts.ts RUN */
import { readRun, readSummary } from '../bench/record/folder.ts'

const path = process.argv[2] ?? 'results/latest'
const { replicas } = readRun(path)
const { findings } = readSummary(path)

/** strategy, experiment, case, metric, least and most that is right */
const expected: readonly (readonly [string, string, string, string, number, number])[] = [
  // Behind a strict rotation a process's memory knows its own share of the pages.
  ...Array.from({ length: replicas }, (_, index) => {
    const share = 1 / (index + 1)
    return ['memory', 'login-persistence', String(index + 1), 'recognisedShare', share, share] as const
  }),
  ...['memory-sticky', 'cookie', 'redis', 'redis-aof'].map(
    (name) => [name, 'login-persistence', String(replicas), 'recognisedShare', 1, 1] as const,
  ),
  ['memory', 'login-persistence', String(replicas), 'lostForGoodShare', 0.6, 1],
  ['redis', 'login-persistence', String(replicas), 'lostForGoodShare', 0, 0],
  ['redis', 'login-persistence', String(replicas), 'logoutEffectiveShare', 1, 1],
  ['cookie', 'login-persistence', String(replicas), 'logoutEffectiveShare', 0, 0],
  ...['rolling-restart', 'crash', 'restart-all'].flatMap((fault) =>
    ['cookie', 'redis', 'redis-aof'].flatMap((name) => [
      [name, 'restart-survival', fault, 'survivedShare', 1, 1] as const,
      [name, 'restart-survival', fault, 'recognisedShareAfter', 1, 1] as const,
      [name, 'restart-survival', fault, 'acknowledgedLoginsLost', 0, 0] as const,
    ]),
  ),
  // A replica takes its own logins with it: a third of them, give or take one of the dozen that there are.
  ...['memory', 'memory-sticky'].flatMap((name) => [
    [name, 'restart-survival', 'rolling-restart', 'survivedShare', 0, 0] as const,
    [name, 'restart-survival', 'crash', 'survivedShare', 0.58, 0.76] as const,
    [name, 'restart-survival', 'restart-all', 'survivedShare', 0, 0] as const,
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

let wrong = 0
for (const [strategy, experiment, about, metric, least, most] of expected) {
  const row = findings.find(
    (finding) =>
      finding.strategy === strategy &&
      finding.experiment === experiment &&
      finding.case === about &&
      finding.metric === metric,
  )
  const value = row?.value ?? null
  if (value !== null && value >= least - 1e-9 && value <= most + 1e-9) continue
  wrong += 1
  const wanted = least === most ? String(least) : `${least} to ${most}`
  console.error(
    `${strategy}, ${experiment} ${about}, ${metric}: ${value}, expected ${wanted}; ${row?.note ?? 'no finding'}`,
  )
}
console.log(`${expected.length - wrong} of ${expected.length} counts as expected`)
process.exitCode = wrong === 0 ? 0 : 1
