/** What all gates of a proof say together: as they were run, decided again, and resampled; pure. */
import type { StrategyInfo } from '../../../servers/strategies/strategy.ts'
import { DEFAULT_TOLERANCE } from '../../stats/gate-plan.ts'
import { seededRandom } from '../../stats/random.ts'
import { expectedCorrectnessMs } from '../correctness.ts'
import { metricsOf } from '../gate-metrics.ts'
import { defaultSettings, expectedPairMs } from '../pair.ts'
import type { Scenario } from './plants.ts'
import type { ProvenGate } from './proof-file.ts'
import { drawn, drawRate, rateOf } from './rates.ts'
import type { Proof } from './render-proof.ts'

/** Of fewer unchanged gates the same few are drawn again and again: that is no noise to speak of. */
const enoughGates = 4

/**
 * @param gates of one kind and strategy, at least one with a pair
 * @param draws how many gates are drawn for each slow-down; 0 for none
 */
export function proofOf(
  strategy: StrategyInfo,
  gates: readonly ProvenGate[],
  scenarios: readonly Scenario[],
  draws: number,
): Proof {
  const of = (name: string) => gates.filter((gate) => gate.scenario === name)
  const unchanged = of('unchanged')
    .map(({ pairs }) => pairs)
    .filter((pairs) => pairs.length > 0)
  const first = gates.flatMap(({ pairs }) => pairs)[0]
  const metrics = first === undefined ? [] : metricsOf(first, { sameNeeds: true, forgets: false })
  const mainThread = metrics.find(({ name }) => name === 'cpuMicrosPerRequest.replicaMainThread') ?? null
  const replayed = ({ maxTimeMs }: Pick<Scenario, 'maxTimeMs'>) => ({
    strategy,
    tolerance: DEFAULT_TOLERANCE,
    maxPairs: Math.floor((maxTimeMs - expectedCorrectnessMs) / expectedPairMs(defaultSettings)),
  })
  const random = seededRandom(1)
  const enough = draws > 0 && unchanged.length >= enoughGates
  return {
    strategy: strategy.name,
    real: scenarios.flatMap((scenario) => {
      const run = of(scenario.name)
      return run.length === 0 ? [] : [rateOf(scenario.name, run, mainThread, replayed(scenario))]
    }),
    drawn: !enough
      ? []
      : drawn.map((one) => ({
          of: one,
          rate: drawRate(unchanged, one.slower, replayed({ maxTimeMs: 300_000 }), draws, random),
        })),
    noise: unchanged.flat(),
    metrics,
  }
}
