/** Adds up the time in which at least one of several overlapping activities went on. */

export interface Stopwatch {
  /** Counts while `work` goes on. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** The sum so far, overlaps counted once, in milliseconds. */
  readonly elapsedMs: number
}

/** @param now monotonic, in milliseconds */
export function openStopwatch(now: () => number = () => performance.now()): Stopwatch {
  let active = 0
  let since = 0
  let sumMs = 0
  return {
    async during(work) {
      if (active === 0) since = now()
      active += 1
      try {
        return await work()
      } finally {
        active -= 1
        if (active === 0) sumMs += now() - since
      }
    },
    get elapsedMs() {
      return active === 0 ? sumMs : sumMs + now() - since
    },
  }
}
