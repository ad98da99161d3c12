/** The programs of local clusters for tests, as Vitest's global setup has found them. */
import { inject } from 'vitest'
import type { Binaries } from '../binaries/find.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** All of them; or what is missing, and how to get it. */
    binaries: { readonly found: Binaries } | { readonly missing: string }
  }
}

/** @throws {Error} with what to do, where the machine lacks one of them */
export function foundBinaries(): Binaries {
  const binaries = inject('binaries')
  if ('missing' in binaries) throw new Error(binaries.missing)
  return binaries.found
}
