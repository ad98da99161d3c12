/** Writes the rates of a proof as Markdown that reads well on a terminal too. */
import { markdownTable } from 'markdown-table'
import { standardDeviation } from '../../stats/mean.ts'
import { median } from '../../stats/quantile.ts'
import { logRatio, type PairMetric } from '../gate-metrics.ts'
import { percent } from '../gate-text.ts'
import type { PairRecord } from '../pair-record.ts'
import type { Scenario } from './plants.ts'
import type { Rate } from './rates.ts'

/** @param noise pairs of an unchanged head */
export function renderProof(
  real: readonly Rate[],
  simulated: readonly Rate[],
  scenarios: readonly Scenario[],
  noise: readonly PairRecord[],
  metrics: readonly PairMetric[],
): string {
  return `${[
    '## Gates that were run',
    table(
      [
        'what head has',
        'gates',
        'called worse',
        '95 % interval',
        'fine',
        'undecided',
        'pairs',
        'median',
        'longest',
        'replica CPU',
        'asked',
      ],
      real.map((rate) => {
        const { summary, expected, target } = scenarios.find(({ name }) => name === rate.scenario)!
        const asked =
          target === null
            ? ''
            : expected === 'fine'
              ? `at most ${percent(target)}`
              : `at least ${percent(target)}`
        return [
          summary,
          String(rate.gates),
          `${rate.worse} (${percent(rate.worse / rate.gates)})`,
          `${percent(rate.low)} – ${percent(rate.high)}`,
          String(rate.fine),
          String(rate.undecided),
          rate.pairsMean.toFixed(1),
          seconds(rate.wallMedianMs),
          seconds(rate.wallMaxMs),
          rate.replicaChange === null ? '' : percent(rate.replicaChange),
          asked,
        ]
      }),
    ),
    ...(simulated.length === 0
      ? []
      : [
          '## Gates simulated from the noise of these pairs',
          table(
            ['what head has', 'gates', 'called worse', '95 % interval', 'fine', 'undecided', 'pairs'],
            simulated.map((rate) => [
              scenarios.find(({ name }) => name === rate.scenario)!.summary,
              String(rate.gates),
              percent(rate.worse / rate.gates),
              `${percent(rate.low)} – ${percent(rate.high)}`,
              percent(rate.fine / rate.gates),
              percent(rate.undecided / rate.gates),
              rate.pairsMean.toFixed(1),
            ]),
          ),
        ]),
    ...(noise.length < 2
      ? []
      : [`## Noise between ${noise.length} pairs of an unchanged head`, noiseTable(noise, metrics)]),
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

function seconds(ms: number | null): string {
  return ms === null ? '' : `${Math.round(ms / 1000)} s`
}
