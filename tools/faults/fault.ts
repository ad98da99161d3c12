/** What a class of faults is: something that goes wrong around commands, and what these owe whoever ran them. */
import type { Finding } from '../../bench/record/finding.ts'
import type { Random } from '../../bench/stats/random.ts'
import type { Owed, SeenCommand } from './judge.ts'
import type { Scene } from './scene.ts'

/** The folder of a complete run that nothing happened to, and what it found. */
export interface SavedRun {
  readonly path: string
  readonly findings: readonly Finding[]
}

/** What the faults of a campaign share. */
export interface Campaign {
  /** Made when it is asked for first. */
  savedRun(): Promise<SavedRun>
}

/** What was done, and what came of it. */
export interface Tried {
  /** For people, e.g. `SIGKILL to replica-2 after 1.2 s of run --preset quick`. */
  readonly what: string
  readonly commands: readonly { readonly seen: SeenCommand; readonly owed: Owed }[]
  /** Where the product fell short in what only this class knows of. */
  readonly wrong?: readonly string[]
  /**
   * What became of the folders of runs: `cut-off` by a kill that nobody could answer, so that they may say `running`;
   * `damaged` by the fault itself, so that there may be nothing to read.
   */
  readonly runs?: 'cut-off' | 'damaged'
}

/** A class of faults. */
export interface FaultClass {
  /** Kebab-case; what is typed after `--only`. */
  readonly name: string
  readonly summary: string
  /** Takes minutes: tried only when it is asked for by name, or with `--slow`. */
  readonly slow?: true
  /** Nobody is left who could tidy up: `sessionbench clean` has to, before it is looked at what was left. */
  readonly clean?: true
  /** Why it cannot be tried on this machine; `null` when it can. */
  missing?(): string | null
  /** @returns `null` when the command had ended before the fault could be put to it */
  inject(scene: Scene, random: Random, campaign: Campaign): Promise<Tried | null>
}
