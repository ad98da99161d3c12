/** Prints the gate's operating characteristics on simulated noise: `node bench/stats/simulate.ts [gates] [seed]`. */

import { DEFAULT_TOLERANCE, type GatePlan } from './gate-plan.ts'
import { mean } from './mean.ts'
import { proportionInterval } from './proportion.ts'
import { quantile } from './quantile.ts'
import { seededRandom } from './random.ts'
import {
  NOISES,
  type Noise,
  normal,
  SIMULATED_PLAN,
  type SimulatedGates,
  simulatedPlan,
  simulateGates,
} from './simulation.ts'

const gates = Number(process.argv[2] ?? 1000)
const seed = Number(process.argv[3] ?? 1)
const random = seededRandom(seed)
const simulate = (plan: GatePlan, noise: Noise, changes: readonly number[]) =>
  simulateGates(plan, noise, changes, gates, random)

const CASES: readonly [string, readonly number[]][] = [
  ['no change', []],
  ['all six on the tolerance', SIMULATED_PLAN.metrics.map(() => 1 + DEFAULT_TOLERANCE)],
  ['one +5 %', [1.05]],
  ['one +10 %', [1.1]],
  ['one +20 %', [1.2]],
]

const replicaNoise = Object.values(NOISES)[0] as Noise
const CHOICES: readonly [string, GatePlan, Noise][] = [
  ['**tolerance 2.5 %, at most 28 pairs, six metrics**', SIMULATED_PLAN, replicaNoise],
  ['tolerance 2 %', simulatedPlan(6, 0.02, 28), replicaNoise],
  ['tolerance 3 %', simulatedPlan(6, 0.03, 28), replicaNoise],
  ['tolerance 5 %', simulatedPlan(6, 0.05, 28), replicaNoise],
  ['at most 14 pairs', simulatedPlan(6, DEFAULT_TOLERANCE, 14), replicaNoise],
  ['at most 20 pairs', simulatedPlan(6, DEFAULT_TOLERANCE, 20), replicaNoise],
  ['at most 35 pairs', simulatedPlan(6, DEFAULT_TOLERANCE, 35), replicaNoise],
  ['a spread of at least 1 %', simulatedPlan(6, DEFAULT_TOLERANCE, 28, 0.01), replicaNoise],
  ['30 metrics', simulatedPlan(30, DEFAULT_TOLERANCE, 28), replicaNoise],
  ['no position bias: normal 1.8 %', SIMULATED_PLAN, (source) => 0.018 * normal(source)],
]

const percent = (share: number) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 2 : 1)} %`
const row = (...cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`)

function worseWithInterval({ worse }: SimulatedGates): string {
  const { estimate, low, high } = proportionInterval(worse, gates, 0.95)
  return `${percent(estimate)} (${percent(low)} – ${percent(high)})`
}

console.log(`${gates} gates per row, seed ${seed}, six metrics, tolerance ${percent(DEFAULT_TOLERANCE)}.\n`)
row(
  'noise between pairs',
  'true change',
  '`worse` (95 % interval)',
  '`fine`',
  'pairs: mean',
  '95 % of gates within',
)
row('---', '---', '---', '---', '---', '---')
for (const [noiseName, noise] of Object.entries(NOISES))
  for (const [caseName, changes] of CASES) {
    const result = simulate(SIMULATED_PLAN, noise, changes)
    const fine = percent(result.fine / gates)
    row(
      noiseName,
      caseName,
      worseWithInterval(result),
      fine,
      mean(result.pairs).toFixed(1),
      quantile(result.pairs, 0.95),
    )
  }

const twoValued = NOISES['two-valued: ±5 %, normal 0.3 %'] as Noise
console.log(
  "\nAll metrics on the tolerance, with two-valued noise of ±5 %, and what holds Student's bound back.\n",
)
row('metrics', 'rule', 'alarms at 6 pairs', 'allowed', 'alarms in 28 pairs', 'allowed')
row('---', '---', '---', '---', '---', '---')
for (const count of [6, 13]) {
  const onTolerance = Array.from({ length: count }, () => 1 + DEFAULT_TOLERANCE)
  const floor = (leastSpread: number) => simulatedPlan(count, DEFAULT_TOLERANCE, 28, leastSpread)
  const { looks, ...plan } = floor(0.01)
  const RULES: readonly [string, GatePlan][] = [
    ['a spread of at least 1 %', floor(0.01)],
    ['a spread of at least 2 %', floor(0.02)],
    ['**a spread of at least 2.5 %**', floor(0.025)],
    ['no look before 10 pairs', { ...plan, looks: looks.filter(({ pairs }) => pairs >= 10) }],
  ]
  for (const [rule, whole] of RULES) {
    const early = { ...whole, looks: whole.looks.filter(({ pairs }) => pairs === 6) }
    const first = early.looks.length === 0 ? '–' : worseWithInterval(simulate(early, twoValued, onTolerance))
    const all = worseWithInterval(simulate(whole, twoValued, onTolerance))
    // Of what is allowed for the whole gate, each look may spend the part of the pairs it has seen.
    row(count, rule, first, percent((plan.alpha * 6) / 28), all, percent(plan.alpha))
  }
}

console.log(`\nOther choices, with ${Object.keys(NOISES)[0]}, unless said.\n`)
row('choice', 'no change: `fine`', 'pairs: mean', '+5 % found', '+10 % found', '95 % of these within')
row('---', '---', '---', '---', '---', '---')
for (const [name, plan, noise] of CHOICES) {
  const none = simulate(plan, noise, [])
  const found = simulate(plan, noise, [1.05]).worse / gates
  const large = simulate(plan, noise, [1.1])
  const fine = percent(none.fine / gates)
  row(
    name,
    fine,
    mean(none.pairs).toFixed(1),
    percent(found),
    percent(large.worse / gates),
    quantile(large.pairs, 0.95),
  )
}
