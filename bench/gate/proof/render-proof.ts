/** Writes the rates of a proof as Markdown that reads well on a terminal too. */
import { markdownTable } from 'markdown-table'
import { standardDeviation } from '../../stats/mean.ts'
import { median } from '../../stats/quantile.ts'
import { logRatio, type PairMetric } from '../gate-metrics.ts'
import { percent } from '../gate-text.ts'
import type { PairRecord } from '../pair-record.ts'
import type { Scenario } from './plants.ts'
import type { Drawn, Rate, RealRate } from './rates.ts'

/** Everything that a proof of one strategy shows. */
export interface Proof {
  readonly strategy: string
  readonly real: readonly RealRate[]
  /** Gates drawn from the unchanged ones; empty where there are too few of these. */
  readonly drawn: readonly { readonly of: Drawn; readonly rate: Rate }[]
  /** Pairs of an unchanged head. */
  readonly noise: readonly PairRecord[]
  readonly metrics: readonly PairMetric[]
}

export function renderProof(
  { strategy, real, drawn, noise, metrics }: Proof,
  scenarios: readonly Scenario[],
): string {
  return `${[
    `## ${strategy}: gates that were run`,
    table(
      [
        'what head has',
        'gates',
        'called worse',
        '95 % interval',
        'fine',
        'undecided',
        'by today’s rules',
        'pairs',
        'median',
        'longest',
        'main thread',
        'asked',
      ],
      real.map((rate) => {
        const { summary, expected, target } = scenarios.find(({ name }) => name === rate.scenario)!
        const asked =
          target === null ? '' : `${expected === 'fine' ? 'at most' : 'at least'} ${percent(target)}`
        const { replayed, added } = rate
        return [
          summary,
          String(rate.gates),
          `${rate.worse} (${percent(rate.worse / rate.gates)})`,
          `${percent(rate.low)} – ${percent(rate.high)}`,
          String(rate.fine),
          String(rate.undecided),
          `${replayed.worse} / ${replayed.fine} / ${replayed.undecided}`,
          rate.pairsMean.toFixed(1),
          seconds(rate.wallMedianMs),
          seconds(rate.wallMaxMs),
          added === null ? '' : `${added.micros.toFixed(1)} µs, ${percent(added.part)}`,
          asked,
        ]
      }),
    ),
    'by today’s rules: worse / fine / undecided, decided again from the pairs. main thread: what a request took more of it.',
    ...(drawn.length === 0
      ? []
      : [
          `## ${strategy}: whole gates drawn from those on an unchanged head`,
          table(
            [
              'main thread of head',
              'gates',
              'called worse',
              '95 % interval',
              'fine',
              'undecided',
              'pairs',
              'asked',
            ],
            drawn.map(({ of, rate }) => [
              of.name,
              String(rate.gates),
              percent(rate.worse / rate.gates),
              `${percent(rate.low)} – ${percent(rate.high)}`,
              percent(rate.fine / rate.gates),
              percent(rate.undecided / rate.gates),
              rate.pairsMean.toFixed(1),
              `at ${of.at} ${percent(of.target)} ${of.verdict}`,
            ]),
          ),
        ]),
    ...(noise.length < 2
      ? []
      : [
          `## ${strategy}: noise between ${noise.length} pairs of an unchanged head`,
          noiseTable(noise, metrics),
        ]),
  ].join('\n\n')}\n`
}

function noiseTable(noise: readonly PairRecord[], metrics: readonly PairMetric[]): string {
  return table(
    ['metric', 'median of base', 'unit', 'standard deviation of ln(head / base)', 'median of it'],
    metrics.map((metric) => {
      const ratios = noise.map((pair) => logRatio(metric, pair))
      return [
        metric.name,
        median(noise.map((pair) => metric.value(pair.base)!)).toPrecision(4),
        metric.unit,
        percent(standardDeviation(ratios)),
        percent(median(ratios)),
      ]
    }),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable([[...head], ...rows.map((row) => [...row])], {
    align: ['l', ...head.slice(1).map(() => 'r')],
  })
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
