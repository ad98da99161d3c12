/** The registry: one line per experiment, in the order in which they run. */
import type { Experiment } from './experiment.ts'
import { loginPersistence } from './login-persistence.ts'
import { restartSurvival } from './restart-survival.ts'
import { throughput } from './throughput.ts'

/** An experiment whose kinds of observations and trials are known to itself alone. */
// biome-ignore lint/suspicious/noExplicitAny: the types differ, and only the experiment looks at what they hold
export type AnyExperiment = Experiment<any, any>

export const experiments: readonly AnyExperiment[] = [
  loginPersistence, //
  restartSurvival,
  throughput,
]
