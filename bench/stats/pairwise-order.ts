/** What comparisons of pairs allow to say: who is better than whom, and who cannot be told apart. */

import type { PairComparison } from './pairwise.ts'

/** One strategy proven better than another. */
export interface Proven {
  readonly better: string
  readonly worse: string
  readonly comparison: PairComparison
}

/** An order as far as it is known: partial, for of three in a row the outer two may differ and either be like the middle. */
export interface PartialOrder {
  /** Every pair that can be told apart. */
  readonly proven: readonly Proven[]
  /** Those of them with nobody proven to stand between: the others follow. */
  readonly steps: readonly Proven[]
  /** Every pair that cannot. */
  readonly untold: readonly (readonly [string, string])[]
  /**
   * The largest sets of two or more within which no pair can be told apart; a name may stand in several, and sets are in
   * no order.
   */
  readonly alike: readonly (readonly string[])[]
  /** Names than which nobody is proven better, in the order of the comparisons. */
  readonly best: readonly string[]
}

/**
 * @param comparisons of every two of some names, as `comparePairs` gives them
 * @param worse which way of the compared value is worse: 'higher' for a cost, 'lower' for a throughput
 */
export function orderOf(comparisons: readonly PairComparison[], worse: 'higher' | 'lower'): PartialOrder {
  const names = [...new Set(comparisons.flatMap(({ first, second }) => [first, second]))]
  const proven = comparisons.filter(({ told }) => told).map((comparison) => provenBy(comparison, worse))
  const isBetter = (better: string, than: string) =>
    proven.some((step) => step.better === better && step.worse === than)
  const untold = comparisons.filter(({ told }) => !told).map(({ first, second }) => [first, second] as const)
  return {
    proven,
    steps: proven.filter(
      (step) => !names.some((between) => isBetter(step.better, between) && isBetter(between, step.worse)),
    ),
    untold,
    alike: largestSets(names, untold),
    best: names.filter((name) => !proven.some((step) => step.worse === name)),
  }
}

function provenBy(comparison: PairComparison, worse: 'higher' | 'lower'): Proven {
  const { first, second, ratio } = comparison
  const firstIsHigher = (ratio as number) > 1
  return firstIsHigher === (worse === 'higher')
    ? { better: second, worse: first, comparison }
    : { better: first, worse: second, comparison }
}

/** The largest sets whose every pair is among `pairs`: each name joins what it is alike with in the sets found before it. */
function largestSets(
  names: readonly string[],
  pairs: readonly (readonly [string, string])[],
): (readonly string[])[] {
  const alike = (a: string, b: string) => pairs.some((pair) => pair.includes(a) && pair.includes(b))
  let sets: (readonly string[])[] = []
  for (const name of names) {
    const joined = sets.map((set) => [...set.filter((member) => alike(member, name)), name])
    sets = withoutSmaller([...sets, ...joined, [name]])
  }
  return sets.filter((set) => set.length > 1)
}

function withoutSmaller(sets: readonly (readonly string[])[]): (readonly string[])[] {
  const isWithin = (small: readonly string[], large: readonly string[]) =>
    small.every((name) => large.includes(name))
  return sets.filter(
    (set, i) => !sets.some((other, j) => isWithin(set, other) && (other.length > set.length || j < i)),
  )
}
