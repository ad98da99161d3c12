/** Strategies compared with each other over the same trials: by how much they differ, and whether that can be told. */

import { mean, standardDeviation } from './mean.ts'
import { assertLevel, assertSample } from './sample.ts'
import { studentizedRangeQuantile } from './studentized-range.ts'

/** Two strategies over the trials in which both were measured. */
export interface PairComparison {
  readonly first: string
  readonly second: string
  /** Trials in which both were measured. */
  readonly trials: number
  /** first / second, a geometric mean; null when no trial has both. */
  readonly ratio: number | null
  /** The range of the ratio; null with fewer than two such trials, which show no noise. */
  readonly low: number | null
  readonly high: number | null
  /** The range leaves 1 out. */
  readonly told: boolean
}

interface Difference {
  readonly first: string
  readonly second: string
  readonly values: readonly number[]
}

/**
 * Every two strategies by the differences of their log ratios in the same trials (a trial is a block: what fell on all of
 * it cancels), with ranges that all hold at once in `level` of all runs, so that the pairs may be read one by one.
 *
 * Tukey's method: the studentized range instead of Student's t, with a spread pooled over all pairs, as three or four
 * trials say little about the spread of any one. But pooling believes that all strategies are equally noisy; where one is
 * three times as noisy, one run in nine errs instead of one in twenty. So a pair is given the largest of four spreads
 * (of all pairs, of the pairs of either strategy, its own), and for the choice one strategy's degrees of freedom are paid.
 * That errs in less than one run in twenty in these cases, too, and with five strategies in four trials is little more
 * than half as wide as Student's t with Bonferroni's correction: the figures are in the README of this folder.
 *
 * A trial that is missing for a strategy is left out of its pairs alone.
 * Source: Tukey, "The problem of multiple comparisons", 1953; Kramer, Biometrics 12(3), 1956 (unequal numbers);
 * blocks: Hsu, Multiple Comparisons, 1996, chapter 7.
 * @param logRatios by strategy, ln(strategy / control) of each trial in the same order, null where it was not measured;
 *   the control itself may be given as zeros
 * @param level such as 0.95, for all pairs together
 * @returns one per pair, in the order of the names; exact repetition has ranges of width zero.
 * @throws RangeError when lengths differ, a value is not finite, or the level lies outside (0, 1).
 */
export function comparePairs(
  logRatios: Readonly<Record<string, readonly (number | null)[]>>,
  level: number,
): PairComparison[] {
  assertLevel(level)
  assertTrials(Object.values(logRatios))
  const differences = differencesOf(logRatios)
  const noisy = differences.filter(({ values }) => values.length > 1)
  const compared = [...new Set(noisy.flatMap(({ first, second }) => [first, second]))]
  const sharedDf = degreesOfFreedom(compared.map((name) => logRatios[name] ?? []))
  const spreadOf = (name: string) =>
    pooledVariance(noisy.filter(({ first, second }) => first === name || second === name))

  return differences.map(({ first, second, values }) => {
    const trials = values.length
    if (trials === 0) return { first, second, trials, ratio: null, low: null, high: null, told: false }
    const difference = mean(values)
    const ratio = Math.exp(difference)
    if (trials === 1) return { first, second, trials, ratio, low: null, high: null, told: false }
    const own = standardDeviation(values) ** 2
    const variance = Math.max(pooledVariance(noisy), spreadOf(first), spreadOf(second), own)
    const q = studentizedRangeQuantile(level, compared.length, Math.max(sharedDf, trials - 1))
    // The range is in units of one mean's error, a difference has √2 of it.
    const reach = (q / Math.SQRT2) * Math.sqrt(variance / trials)
    return {
      first,
      second,
      trials,
      ratio,
      low: Math.exp(difference - reach),
      high: Math.exp(difference + reach),
      told: Math.abs(difference) > reach,
    }
  })
}

function assertTrials(series: readonly (readonly (number | null)[])[]): void {
  for (const values of series) {
    if (values.length !== series[0]?.length)
      throw new RangeError(`a value or null for each trial was expected, got ${series.map((s) => s.length)}`)
    const measured = values.filter((value) => value !== null)
    if (measured.length > 0) assertSample(measured)
  }
}

function differencesOf(logRatios: Readonly<Record<string, readonly (number | null)[]>>): Difference[] {
  const series = Object.entries(logRatios)
  return series.flatMap(([first, ofFirst], i) =>
    series.slice(i + 1).map(([second, ofSecond]) => ({
      first,
      second,
      values: ofFirst.flatMap((value, trial) => {
        const other = ofSecond[trial] ?? null
        return value === null || other === null ? [] : [value - other]
      }),
    })),
  )
}

/** Of differences, so twice that of a strategy; over all pairs of a complete layout exactly twice its residual variance. */
function pooledVariance(differences: readonly Difference[]): number {
  const df = differences.reduce((sum, { values }) => sum + values.length - 1, 0)
  return differences.reduce(
    (sum, { values }) => sum + (standardDeviation(values) ** 2 * (values.length - 1)) / df,
    0,
  )
}

/** (strategies − 2)(trials − 1) when nothing is missing: those of the residuals, less one strategy's. */
function degreesOfFreedom(series: readonly (readonly (number | null)[])[]): number {
  const measuredIn = (series[0] ?? []).map(
    (_, trial) => series.filter((values) => values[trial] !== null).length,
  )
  return measuredIn.reduce((sum, count) => sum + Math.max(0, count - 2), 0) - (series.length - 2)
}
