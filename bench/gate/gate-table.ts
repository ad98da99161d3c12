/** The metrics of a gate as rows of text, for the terminal and for Markdown. */
import { formatValue } from '../report/format.ts'
import type { GateMetricRecord, GateStrategyRecord } from './gate-record.ts'
import { change, percent } from './gate-text.ts'

export const gateColumns = ['metric', 'base', 'head', 'change', 'accepted', 'between pairs', 'verdict']

export function gateRows({ metrics }: GateStrategyRecord): string[][] {
  return metrics.map((metric) => [
    metric.name,
    formatted(metric, metric.base),
    formatted(metric, metric.head),
    change(metric),
    `${metric.worse === 'higher' ? '+' : '−'}${percent(metric.tolerance)}`,
    metric.spread === null ? '' : `±${percent(Number(metric.spread.toFixed(4)))}`,
    metric.verdict,
  ])
}

function formatted({ unit }: GateMetricRecord, value: number): string {
  // Of a single request: few bytes, where the reports' mebibytes are for memory, and a few commands.
  if (unit === 'count') return value.toFixed(2)
  return unit === 'bytes' && value < 2 ** 20 ? `${value.toFixed(1)} B` : formatValue(value, unit)
}
