/** Does the same to several parts of a cluster at once. */

/** Does `work` for all at once; when one fails the others are given up, and awaited, before its error is thrown. */
export async function all<T>(
  signal: AbortSignal,
  parts: readonly T[],
  work: (part: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const giveUp = new AbortController()
  const either = AbortSignal.any([signal, giveUp.signal])
  let first: { readonly error: unknown } | null = null
  await Promise.allSettled(
    parts.map(async (part) => {
      try {
        await work(part, either)
      } catch (error) {
        first ??= { error }
        giveUp.abort()
      }
    }),
  )
  signal.throwIfAborted()
  if (first !== null) throw (first as { error: unknown }).error
}
