/** A small seedable source of randomness, so that `--seed` repeats a run's choices exactly. */

/** Where randomness comes from: always passed in, never taken from `Math.random`. */
export interface Random {
  /** A number in [0, 1), uniform in steps of 2^-32. */
  next(): number
  /**
   * A whole number in 0 … n − 1. The steps of `next` make some values likelier than others by at most
   * n / 2^32, which no experiment here can see.
   * @throws RangeError unless n is a whole number in 1 … 2^32.
   */
  int(n: number): number
  /** The same values in random order, as a new array (Fisher–Yates, Knuth TAOCP 2, 3.4.2, algorithm P). */
  shuffle<T>(values: readonly T[]): T[]
}

/**
 * A generator whose whole sequence follows from the seed: sfc32, the small fast counter of Chris Doty-Humphrey's
 * PractRand 0.95 (128 bits of state, a 32-bit counter keeps every period at 2^32 or longer). Chosen over mulberry32,
 * which cannot produce about a third of all 32-bit values, at the same length of code.
 * Not for secrets.
 * @param seed any whole number up to 2^53 in size; both halves of it count.
 * @throws RangeError when the seed is not a safe integer.
 */
export function seededRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be a whole number, got ${seed}`)
  let a = 0
  let b = seed | 0
  let c = Math.floor(seed / 2 ** 32) | 0
  let counter = 1

  function nextInt32(): number {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  // PractRand discards the first 12 to 18 outputs, until neighbouring seeds have nothing in common.
  for (let i = 0; i < 18; i++) nextInt32()

  const next = () => nextInt32() / 2 ** 32
  const int = (n: number) => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32)
      throw new RangeError(`int(n) needs n in 1 … 2^32, got ${n}`)
    return Math.floor(next() * n)
  }
  return {
    next,
    int,
    shuffle<T>(values: readonly T[]): T[] {
      const shuffled = [...values]
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = int(i + 1)
        const kept = shuffled[i] as T
        shuffled[i] = shuffled[j] as T
        shuffled[j] = kept
      }
      return shuffled
    },
  }
}
