/** Compares what became of logins before and after: shares whose only good value is all, or none. */
import type { Finding } from '../record/finding.ts'

/**
 * The rule: a share that was whole (nobody lost anything) and is not any more is worse, were it a single login, and so is
 * one of which something was left and nothing is any more. Else it has changed only if the 95 % intervals lie apart,
 * which by chance alone happens in fewer than one of a hundred comparisons (Schenker & Gentleman, The American
 * Statistician 55(3), 2001).
 * @returns `null` when a value is missing, or in doubt
 */
export function shareChange(
  before: Pick<Finding, 'value' | 'low' | 'high' | 'verdict'>,
  after: Pick<Finding, 'value' | 'low' | 'high' | 'verdict'>,
  better: 'higher' | 'lower',
): 'better' | 'worse' | '~' | null {
  if (before.value === null || after.value === null) return null
  if (before.verdict === 'unknown' || after.verdict === 'unknown') return null
  if (before.value === after.value) return '~'
  // By its value, not its verdict: a share under load passes as soon as it has been measured.
  const whole = better === 'higher' ? 1 : 0
  if (before.value === whole) return 'worse'
  if (after.value === whole) return 'better'
  if (better === 'higher' && after.value === 0) return 'worse'
  if (better === 'higher' && before.value === 0) return 'better'
  // Without an interval, that both fall short is all there is to tell.
  if (before.low === null || before.high === null || after.low === null || after.high === null) return '~'
  if (after.low > before.high) return better === 'higher' ? 'better' : 'worse'
  if (after.high < before.low) return better === 'higher' ? 'worse' : 'better'
  return '~'
}
