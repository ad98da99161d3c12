/** The studentized range: how far apart the largest and the smallest of several equal means may lie by chance. */

import { logGamma } from './beta.ts'

/**
 * The q with P(Q ≤ q) = p, where Q is the range of `groups` independent normal means in units of their standard error,
 * and that is estimated with `df` degrees of freedom. Right to 6 digits.
 * Source: the double integral of Copenhaver & Holland, "Computation of the distribution of the maximum studentized
 * range statistic with application to multiple significance testing of simple effects", Journal of Statistical
 * Computation and Simulation 30, 1988, which R's `qtukey` follows. Both integrals by the trapezoidal rule, which has no
 * error to speak of for smooth functions that vanish at both ends (Trefethen & Weideman, SIAM Review 56(3), 2014).
 * @param p in (0, 1)
 * @param groups a whole number ≥ 2
 * @param df ≥ 1, not necessarily whole
 * @throws RangeError outside these.
 */
export function studentizedRangeQuantile(p: number, groups: number, df: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`a probability in (0, 1) was expected, got ${p}`)
  if (!Number.isInteger(groups) || groups < 2)
    throw new RangeError(`at least two groups were expected, got ${groups}`)
  if (!(df >= 1 && df < Infinity))
    throw new RangeError(`at least one degree of freedom was expected, got ${df}`)
  const key = `${p} ${groups} ${df}`
  const q = known.get(key) ?? inverse(p, groups, df)
  known.set(key, q)
  return q
}

/** An inversion takes 5 ms, and every pair of a comparison, and every simulated run, asks for the same. */
const known = new Map<string, number>()

function inverse(p: number, groups: number, df: number): number {
  let low = 0
  let high = 4
  while (studentizedRange(high, groups, df) < p) {
    low = high
    high *= 2
  }
  while (high - low > 1e-7 * high) {
    const middle = (low + high) / 2
    if (studentizedRange(middle, groups, df) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** P(Q ≤ q): the chance for a known standard error, averaged over what the estimate may come out as. */
function studentizedRange(q: number, groups: number, df: number): number {
  // The estimate is s times the truth, df·s² is χ² with df degrees of freedom. Integrated along ln s, from its mode out.
  const logFront = Math.log(2) + (df / 2) * Math.log(df / 2) - logGamma(df / 2)
  const term = (logS: number) =>
    Math.exp(logFront + df * (logS - Math.exp(2 * logS) / 2)) * normalRange(q * Math.exp(logS), groups)
  const step = 0.2 / Math.sqrt(df)
  let sum = term(0)
  for (const direction of [1, -1])
    for (let i = 1; ; i++) {
      const next = term(direction * i * step)
      sum += next
      if (next < 1e-12) break
    }
  return sum * step
}

const GRID_STEP = 0.25
const GRID = Array.from({ length: 65 }, (_, i) => (i - 32) * GRID_STEP).map((z) => ({
  z,
  density: Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI),
  below: normalDistribution(z),
}))

/** P(the range of `groups` standard normal numbers ≤ width): one of them, z, is the largest, the others reach down to z − width. */
function normalRange(width: number, groups: number): number {
  const sum = GRID.reduce(
    (total, { z, density, below }) =>
      total + density * (below - normalDistribution(z - width)) ** (groups - 1),
    0,
  )
  return groups * sum * GRID_STEP
}

/** P(Z ≤ z). Source: the series of Marsaglia, "Evaluating the normal distribution", Journal of Statistical Software 11(4), 2004. */
function normalDistribution(z: number): number {
  if (z < -8) return 0
  if (z > 8) return 1
  let term = z
  let sum = z
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) {
    term *= (z * z) / i
    sum += term
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)
}
