/** A gate for programs that draw a series over commits: github-action-benchmark and Bencher. */
import type { GateMetricRecord, GateRecord } from './gate-record.ts'
import { percent } from './gate-text.ts'

/**
 * The input of github-action-benchmark with `tool: customSmallerIsBetter`
 * (https://github.com/benchmark-action/github-action-benchmark#readme). Metrics of which more is better are left out.
 */
export function renderActionBenchmark({ strategies }: GateRecord): string {
  const rows = strategies.flatMap(({ name, metrics }) =>
    metrics
      .filter(({ worse }) => worse === 'higher')
      .map((metric) => ({
        name: `${name} ${metric.name}`,
        unit: metric.unit,
        value: metric.head,
        ...(metric.spread === null ? {} : { range: `± ${percent(metric.spread)}` }),
        extra: `${metric.verdict}, base ${metric.base}`,
      })),
  )
  return `${JSON.stringify(rows, null, 1)}\n`
}

/** Bencher Metric Format (https://bencher.dev/docs/reference/bencher-metric-format/): benchmark, measure, value. */
export function renderBencher({ strategies }: GateRecord): string {
  const metric = ({ head, base, low, high }: GateMetricRecord) => ({
    value: head,
    ...(low === null || high === null ? {} : { lower_value: base * low, upper_value: base * high }),
  })
  const rows = strategies
    .filter(({ metrics }) => metrics.length > 0)
    .map(({ name, metrics }) => [
      name,
      Object.fromEntries(metrics.map((row) => [slug(row.name), metric(row)])),
    ])
  return `${JSON.stringify(Object.fromEntries(rows), null, 1)}\n`
}

/** `cpuMicrosPerRequest.replica` as `cpu-micros-per-request-replica`: measures are named by slugs. */
function slug(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('.', '-')
    .toLowerCase()
}
