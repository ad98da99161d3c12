/** How values are written for people. */
import type { Finding, Unit } from '../record/finding.ts'

/** A value with its unit: `67 %`, `1,234 /s`, `0.79`, `12.3 ms`. */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'share':
      return formatShare(value)
    case 'count':
      return grouped(value, Number.isInteger(value) ? 0 : 1)
    case 'ms':
      return `${significant(value)} ms`
    case '1/s':
      return `${grouped(value, 0)} /s`
    case 'ratio':
      return value.toFixed(2)
    case 'µs':
      return `${significant(value)} µs`
    case 'bytes':
      return `${grouped(value / 1024 / 1024, 1)} MiB`
  }
}

/** Never rounds to 0 % or 100 % what is not quite nothing or all. */
export function formatShare(share: number): string {
  const percent = share * 100
  if (percent > 0 && percent < 1) return '<1 %'
  if (percent > 99 && percent < 100) return '>99 %'
  return `${Math.round(percent)} %`
}

/** Three significant digits at least, no decimals from 100 on. */
function significant(value: number): string {
  const size = Math.abs(value)
  return grouped(value, size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

/** Half the width of an interval, relative: ` ±4 %`; empty where there is none, or where a share of itself says nothing. */
export function formatReach({
  value,
  low,
  high,
  unit,
}: Pick<Finding, 'value' | 'low' | 'high' | 'unit'>): string {
  if (value === null || low === null || high === null || value === 0) return ''
  if (unit === 'share' || unit === 'count') return ''
  return ` ±${Math.round((100 * (high - low)) / 2 / Math.abs(value))} %`
}

/** With commas between thousands, the same on every machine. */
export function grouped(value: number, decimals: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}
