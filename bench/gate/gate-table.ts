/** The metrics of a gate as rows of text, for the terminal and for Markdown; the answer first, for narrow places. */
import { formatValue } from '../report/format.ts'
import type { GateMetricRecord, GateStrategyRecord } from './gate-record.ts'
import { change, percent } from './gate-text.ts'

export const gateColumns = ['metric', 'verdict', 'change', 'accepted', 'between pairs', 'base', 'head']

export function gateRows({ metrics }: GateStrategyRecord): string[][] {
  return metrics.map((metric) => [
    metric.name,
    metric.verdict,
    change(metric),
    `${metric.worse === 'higher' ? '+' : '−'}${percent(metric.tolerance)}`,
    metric.spread === null ? '' : `±${percent(Number(metric.spread.toFixed(4)))}`,
    formatted(metric, metric.base),
    formatted(metric, metric.head),
  ])
}

function formatted({ unit }: GateMetricRecord, value: number): string {
  // Of a single request: few bytes, where the reports' mebibytes are for memory, and a few commands.
  if (unit === 'count') return value.toFixed(2)
  return unit === 'bytes' && value < 2 ** 20 ? `${value.toFixed(1)} B` : formatValue(value, unit)
}
