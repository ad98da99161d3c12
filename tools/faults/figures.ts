/** Tells figures that are wrong, whatever was done to the run that found them. Pure. */
import type { Finding } from '../../bench/record/finding.ts'
import { describeCount, expectedCounts, findingFor, isAsExpected } from '../expected-counts.ts'

/**
 * What a run must not have found: counts other than sessions are known to give, costs that nothing costs, numbers that
 * are none. A finding that says it does not know is never wrong.
 * @param replicas of the run
 */
export function wrongFigures(findings: readonly Finding[], replicas: number): string[] {
  return [
    ...expectedCounts(replicas).flatMap((expected) => {
      const found = findingFor(expected, findings)
      if (found === undefined || found.verdict === 'unknown' || found.value === null) return []
      return isAsExpected(found.value, expected)
        ? []
        : [`${describeCount(expected, found.value)}, and says ${found.verdict}`]
    }),
    ...findings.flatMap(impossible),
    ...findings.flatMap(implausible),
  ]
}

/** Numbers that no measurement can come to. */
function impossible(finding: Finding): string[] {
  const { value, low, high, unit } = finding
  if (value === null) return []
  const says = (what: string) => [`${nameOf(finding)}: ${value}, ${what}`]
  if (value < 0) return says('below zero')
  if (unit === 'share' && value > 1) return says('a share above 1')
  if (low !== null && high !== null && !(low <= value && value <= high))
    return says(`outside ${low} to ${high}`)
  return []
}

interface Plausible {
  readonly metric: RegExp
  readonly least: number
  readonly most: number
}

/**
 * What costs can be on any machine: sessions make no app much faster than it is without them, nor do they take all of
 * it; and nothing on loopback takes seconds unless somebody was stopped meanwhile.
 */
const plausible: readonly Plausible[] = [
  { metric: /^ratioToControl$/, least: 0.05, most: 1.4 },
  { metric: /^cpuRatioToControl$/, least: 0.7, most: 20 },
  { metric: /^requestsPerSecondBeside\./, least: 0.05, most: 20 },
  { metric: /^requestsPerSecond$/, least: 50, most: Number.POSITIVE_INFINITY },
  { metric: /^latencyP\d+Ms$/, least: 0, most: 500 },
]

function implausible(finding: Finding): string[] {
  const { experiment, metric, value, verdict } = finding
  if (experiment !== 'throughput' || verdict !== 'pass' || value === null) return []
  const bounds = plausible.find((one) => one.metric.test(metric))
  if (bounds === undefined || (value >= bounds.least && value <= bounds.most)) return []
  return [`${nameOf(finding)}: ${value}, hardly possible, and says pass`]
}

/**
 * Where the findings of a damaged folder say anything else than those of the folder before it was damaged. What is
 * missing, or unknown now, says nothing; nor does the record of failed trials, which is no measurement.
 */
export function changedFigures(before: readonly Finding[], after: readonly Finding[]): string[] {
  const known = new Map(before.map((finding) => [nameOf(finding), finding.value]))
  return after
    .filter(({ verdict, metric }) => verdict !== 'unknown' && metric !== 'trialFailed')
    .filter((finding) => known.get(nameOf(finding)) !== finding.value)
    .map(
      (finding) => `${nameOf(finding)}: ${finding.value}, was ${known.get(nameOf(finding)) ?? 'not there'}`,
    )
}

function nameOf({ strategy, experiment, case: about, metric }: Finding): string {
  return `${strategy}, ${experiment} ${about}, ${metric}`
}
