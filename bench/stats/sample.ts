/** What every statistic here asks of its sample: at least one value, all of them finite, the level a probability. */

/** @throws RangeError when there is no value or one is not finite: a NaN must never become a verdict. */
export function assertSample(values: readonly number[]): void {
  if (values.length === 0) throw new RangeError('at least one value was expected, got none')
  const bad = values.find((value) => !Number.isFinite(value))
  if (bad !== undefined) throw new RangeError(`finite values were expected, got ${bad}`)
}

/** @throws RangeError also when a value is not above zero, where logarithms are taken. */
export function assertPositiveSample(values: readonly number[]): void {
  assertSample(values)
  const bad = values.find((value) => value <= 0)
  if (bad !== undefined) throw new RangeError(`values above zero were expected, got ${bad}`)
}

/** @throws RangeError unless the confidence level lies in (0, 1): 0.95, not 95. */
export function assertLevel(level: number): void {
  if (!(level > 0 && level < 1))
    throw new RangeError(`a level in (0, 1), such as 0.95, was expected, got ${level}`)
}
