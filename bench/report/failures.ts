/** Says which strategies could not be measured, and why. */
import type { Finding } from '../record/finding.ts'
import { isTrialFailure } from '../record/trial-failures.ts'
import { cleanLine } from '../text/clean.ts'

/** Enough for a request and its answer, or for the last words of a process. */
const longest = 400

/** A line for each strategy that dropped out of an experiment; reasons may quote logs of any length. */
export function failureLines(findings: readonly Finding[]): string[] {
  return findings
    .filter(isTrialFailure)
    .map(({ strategy, experiment, note }) => `${strategy} failed in ${experiment}, ${inOneLine(note)}`)
}

function inOneLine(text: string): string {
  const line = cleanLine(text)
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}
