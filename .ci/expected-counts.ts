/** Checks that a run came out as sessions are known to behave; prints what did not and exits with 1. Usage: node .ci/expected-counts.ts RUN */
import { readRun, readSummary } from '../bench/record/folder.ts'
import { describeCount, expectedCounts, findingFor, isAsExpected } from '../tools/expected-counts.ts'

const path = process.argv[2] ?? 'results/latest'
const { findings } = readSummary(path)
const expected = expectedCounts(readRun(path).replicas)

let wrong = 0
for (const count of expected) {
  const found = findingFor(count, findings)
  const value = found?.value ?? null
  if (value !== null && isAsExpected(value, count)) continue
  wrong += 1
  console.error(`${describeCount(count, value)}; ${found?.note ?? 'no finding'}`)
}
console.log(`${expected.length - wrong} of ${expected.length} counts as expected`)
process.exitCode = wrong === 0 ? 0 : 1
