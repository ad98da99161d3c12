/** The registry: one line per experiment, in the order in which they run. */
import type { Experiment } from './experiment.ts'
import { loginPersistence } from './login-persistence.ts'
import { restartSurvival } from './restart-survival.ts'
import { throughput } from './throughput.ts'

/** An experiment whose kind of observations is known to itself alone. */
// biome-ignore lint/suspicious/noExplicitAny: the type of the raw observations differs, and only the experiment looks at it
export type AnyExperiment = Experiment<any>

export const experiments: readonly AnyExperiment[] = [
  loginPersistence, //
  restartSurvival,
  throughput,
]
