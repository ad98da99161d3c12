/**
 * JavaScript of a fixed cost, to be planted in a replica: arithmetic on one number, which touches no memory and leaves
 * nothing to the garbage collector, so that warm it costs the same wherever it runs.
 */

let sink = 1

/** Planted as it stands here; its result is kept, or the compiler would leave the work out. */
export function busyLoop(iterations: number): void {
  let x = sink
  for (let i = 0; i < iterations; i += 1) x = Math.imul(x ^ i, 0x9e3779b1)
  sink = x
}

/** The loop as text without types, for `plants.ts`. */
export const busyLoopSource = `let sink = 1\n${busyLoop.toString()}\n`

/** Enough calls for the compiler to have done all it does. */
const warmCalls = 20_000
/** Short, so that some run undisturbed whatever else the machine does; long beside the clock's resolution. */
const callsOfABatch = 50
const batches = 100

/**
 * How many iterations take so many microseconds in warm code, found by trying it here and now.
 * @param micros at least 1
 * @returns the iterations, and what one call of so many then took, in microseconds
 */
export function calibrate(micros: number): { readonly iterations: number; readonly micros: number } {
  let iterations = 1_000
  for (let call = 0; call < warmCalls; call += 1) busyLoop(iterations)
  // Twice: the second time close to the length that is wanted, where what a call costs besides is in proportion.
  for (let round = 0; round < 2; round += 1) {
    iterations = Math.max(1, Math.round((iterations * micros) / microsOfACall(iterations)))
  }
  return { iterations, micros: microsOfACall(iterations) }
}

/** Of the quickest batch: what disturbs one can only add to it. */
function microsOfACall(iterations: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let batch = 0; batch < batches; batch += 1) {
    const before = performance.now()
    for (let call = 0; call < callsOfABatch; call += 1) busyLoop(iterations)
    least = Math.min(least, (1_000 * (performance.now() - before)) / callsOfABatch)
  }
  return least
}
