/** Dotted version numbers: which of two is newer. */

/** Negative when `a` is older than `b`, 0 when they are the same (`1.18` is `1.18.0`), positive when newer. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number)
  const right = b.split('.').map(Number)
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
