/** Prints the gate's operating characteristics on simulated noise: `node bench/stats/simulate.ts [gates] [seed]`. */

import { DEFAULT_TOLERANCE } from './gate-plan.ts'
import { mean } from './mean.ts'
import { proportionInterval } from './proportion.ts'
import { quantile } from './quantile.ts'
import { seededRandom } from './random.ts'
import { NOISES, SIMULATED_PLAN, simulateGates } from './simulation.ts'

const gates = Number(process.argv[2] ?? 2000)
const seed = Number(process.argv[3] ?? 1)
const random = seededRandom(seed)

const onTolerance = SIMULATED_PLAN.metrics.map(() => 1 + DEFAULT_TOLERANCE)
const CASES: readonly [string, readonly number[]][] = [
  ['no change', []],
  ['all six on the tolerance', onTolerance],
  ['one +5 %', [1.05]],
  ['one +10 %', [1.1]],
  ['one +20 %', [1.2]],
]

const percent = (share: number) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 2 : 1)} %`

console.log(`${gates} gates per row, seed ${seed}, six metrics, tolerance ${percent(DEFAULT_TOLERANCE)}.\n`)
console.log(
  '| noise between pairs | true change | `worse` (95 % interval) | `fine` | pairs: mean | 95 % of gates within |',
)
console.log('|---|---|---|---|---|---|')
for (const [noiseName, noise] of Object.entries(NOISES)) {
  for (const [caseName, changes] of CASES) {
    const result = simulateGates(SIMULATED_PLAN, noise, changes, gates, random)
    const worse = proportionInterval(result.worse, gates, 0.95)
    console.log(
      `| ${noiseName} | ${caseName} | ${percent(worse.estimate)} (${percent(worse.low)} – ${percent(worse.high)}) | ` +
        `${percent(result.fine / gates)} | ${mean(result.pairs).toFixed(1)} | ${quantile(result.pairs, 0.95)} |`,
    )
  }
}
