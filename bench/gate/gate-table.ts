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
  // Bytes of a single request are few; the reports' mebibytes are for memory.
  return unit === 'bytes' && value < 2 ** 20 ? `${value.toFixed(1)} B` : formatValue(value, unit)
}
