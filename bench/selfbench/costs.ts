/** Whether the costs that a run prints can be believed: their width, how they repeat, and what a longer run says. */
import type { Finding } from '../record/finding.ts'
import { figure, print } from './figure.ts'

const about = 'me-saturated'
const metrics = ['ratioToControl', 'cpuRatioToControl'] as const
type Metric = (typeof metrics)[number]

/** Of one run: its findings about costs. */
export type Costs = readonly Finding[]

function ratioOf(costs: Costs, strategy: string, metric: Metric): Finding | undefined {
  return costs.find((row) => row.strategy === strategy && row.case === about && row.metric === metric)
}

function strategiesOf(costs: Costs): string[] {
  const rows = costs.filter((row) => row.case === about && row.metric === 'ratioToControl')
  return rows.map(({ strategy }) => strategy)
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`

/** @param runs of the default preset; each figure is the worst of them */
export function judgeRuns(runs: readonly Costs[], twin: string): void {
  for (const metric of metrics) {
    for (const strategy of strategiesOf(runs[0] ?? [])) {
      const found = runs.map((costs) => ratioOf(costs, strategy, metric)!)
      const values = found.map(({ value }) => value ?? Number.NaN)
      const width = Math.max(
        ...found.map(({ low, high }) => Math.sqrt((high ?? Number.NaN) / (low ?? Number.NaN)) - 1),
      )
      const spread = Math.max(...values) / Math.min(...values)
      const name = `${strategy}, ${metric}`
      print(
        `        ${name}: ${found.map(({ value, verdict }) => `${value?.toFixed(3)}${verdict === 'unknown' ? '?' : ''}`).join('  ')}`,
      )
      figure(`${name}, widest half-width`, percent(width), 'at most 10 %', width <= 0.1)
      if (runs.length > 1) {
        figure(
          `${name}, largest / smallest of ${runs.length}`,
          spread.toFixed(3),
          'at most 1.15',
          spread <= 1.15,
        )
      }
      if (strategy === twin) {
        const away = Math.max(...values.map((value) => Math.abs(value - 1)))
        figure(`${name}, furthest from 1.00`, percent(away), 'at most 5 %', away <= 0.05)
      }
    }
  }
}

/**
 * Whether intervals hold from run to run: of each two runs and each ratio, how often the two values lie no further apart than
 * their intervals allow together. Ones that hold within a run only would be too narrow for whoever runs it twice.
 */
export function judgeRepeats(runs: readonly Costs[]): void {
  const agreements = runs.flatMap((first, at) =>
    runs.slice(at + 1).flatMap((second) =>
      metrics.flatMap((metric) =>
        strategiesOf(first).map((strategy) => {
          const [one, other] = [first, second].map((costs) => ratioOf(costs, strategy, metric))
          return one !== undefined && other !== undefined && agree(one, other)
        }),
      ),
    ),
  )
  const share = agreements.filter(Boolean).length / agreements.length
  figure('ratios of two runs that agree', percent(share), 'at least 95 %', share >= 0.95)
}

function agree(one: Finding, other: Finding): boolean {
  const reach = ({ low, high }: Finding) => Math.log((high ?? Number.NaN) / (low ?? Number.NaN)) / 2
  const apart = Math.abs(Math.log((one.value ?? Number.NaN) / (other.value ?? Number.NaN)))
  return apart <= Math.hypot(reach(one), reach(other))
}

/** Holds default runs to a thorough one: its ratios, and the order that it could tell. */
export function judgeAgainst(thorough: Costs, runs: readonly Costs[], twin: string): void {
  for (const metric of metrics) {
    for (const strategy of strategiesOf(thorough).filter((name) => name !== twin)) {
      const truth = ratioOf(thorough, strategy, metric)?.value ?? Number.NaN
      const away = Math.max(
        ...runs.map((costs) => Math.abs((ratioOf(costs, strategy, metric)?.value ?? Number.NaN) / truth - 1)),
      )
      print(`        ${strategy}, ${metric}: thorough ${truth.toFixed(3)}`)
      figure(`${strategy}, ${metric}, default / thorough`, percent(away), 'within 10 %', away <= 0.1)
    }
  }
  const contradicted = runs.flatMap((costs) =>
    ordersOf(costs).filter((order) => ordersOf(thorough).includes(reversed(order))),
  )
  figure(
    'orders of default runs that thorough contradicts',
    String(contradicted.length),
    'none',
    contradicted.length === 0,
  )
  print(`        orders told: thorough ${ordersOf(thorough).join(', ')}`)
  for (const costs of runs) print(`        orders told: default ${ordersOf(costs).join(', ')}`)
}

const reversed = (order: string) => order.split(' > ').toReversed().join(' > ')

/** Every two strategies that a run could tell apart, the one that serves more first. */
function ordersOf(costs: Costs): string[] {
  return costs.flatMap(({ strategy, case: where, metric, low, high, verdict }) => {
    const [kind, other = ''] = metric.split('.')
    if (where !== about || kind !== 'requestsPerSecondBeside' || verdict !== 'pass') return []
    if (low === null || high === null || (low <= 1 && high >= 1)) return []
    return [low > 1 ? `${strategy} > ${other}` : `${other} > ${strategy}`]
  })
}
