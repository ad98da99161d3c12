/** Prints how ways of comparing pairs do on simulated noise: `node bench/stats/simulate-pairs.ts [runs] [seed]`. */

import { METHODS, NOISE_BETWEEN_TRIALS, SPREADS, simulateComparisons } from './pairwise-simulation.ts'
import { seededRandom } from './random.ts'

const runs = Number(process.argv[2] ?? 2000)
const seed = Number(process.argv[3] ?? 1)
const random = seededRandom(seed)
const TRIALS = [3, 4, 8]
/** Other kinds of noise are shown where Tukey's assumption holds, and where it is most broken. */
const SHOWN_FOR_ALL_NOISES = ['all alike', 'one 3× as noisy']

const row = (...cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`)

console.log(`${runs} runs per figure, seed ${seed}; each for ${TRIALS.join(' / ')} trials.\n`)
row('noise between trials', 'strategies', ...Object.keys(METHODS))
row(...['noise', 'strategies', ...Object.keys(METHODS)].map(() => '---'))
for (const [noiseName, noise] of Object.entries(NOISE_BETWEEN_TRIALS))
  for (const [spreadName, spreads] of Object.entries(SPREADS))
    for (const strategies of [5, 6]) {
      if (noiseName !== 'normal' && !SHOWN_FOR_ALL_NOISES.includes(spreadName)) continue
      const cells = Object.values(METHODS).map((method) => {
        const results = TRIALS.map((trials) =>
          simulateComparisons(method, spreads(strategies), trials, runs, random, noise),
        )
        const errors = results.map(({ erred }) => ((100 * erred) / runs).toFixed(1)).join(' / ')
        const widths = results.map(({ halfWidth }) => halfWidth.toFixed(1)).join(' / ')
        return `${errors} %, ±${widths}`
      })
      row(`${noiseName}, ${spreadName}`, strategies, ...cells)
    }
