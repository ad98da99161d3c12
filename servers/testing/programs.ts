/** The programs of this machine that tests start, as Vitest's global setup has found them. */
import { inject } from 'vitest'

/** A program that runs on this machine. */
export interface Program {
  readonly path: string
  /** Variables that it must be run with, to be merged over one's own: the libraries of a fetched program. */
  readonly env: Readonly<Record<string, string>>
}

declare module 'vitest' {
  interface ProvidedContext {
    /** All programs by name; or what is missing, and how to get it. */
    programs: { readonly found: Readonly<Record<string, Program>> } | { readonly missing: string }
  }
}

/** @throws {Error} with what to do, where the machine lacks the programs that clusters are made of */
export function programNamed(name: string): Program {
  const programs = inject('programs')
  if ('missing' in programs) throw new Error(programs.missing)
  const program = programs.found[name]
  if (program === undefined) throw new RangeError(`the global setup of the tests looks for no ${name}`)
  return program
}
