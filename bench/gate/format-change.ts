/** Writes a ratio as a change in per cent. */
import type { Interval } from '../stats/interval.ts'

/** A ratio as a change with its interval: `+3.1 % (+0.2 … +6.1)`. */
export function formatChange({ estimate, low, high }: Interval): string {
  const interval = low === null || high === null ? '' : ` (${signed(low)} … ${signed(high)})`
  return `${signed(estimate)} %${interval}`
}

function signed(ratio: number): string {
  const change = (ratio - 1) * 100
  const digits = Math.abs(change).toFixed(Math.abs(change) < 100 ? 1 : 0)
  return `${change < 0 ? '−' : '+'}${digits}`
}
