/** Experiment: which logins survive when replicas and stores are restarted or crash, and what do users see meanwhile? */
import { z } from 'zod'
import { type Fault, faultsFor } from '../cluster/faults.ts'
import { openConnections } from '../load/browser.ts'
import { amount, name, positiveCount } from '../record/values.ts'
import type { Experiment, Preset, TrialSpec } from './experiment.ts'
import { type FaultLoad, type FaultWindow, faultWindow, observeFault } from './fault-window.ts'
import { judgeSurvival } from './survival-judge.ts'

interface Settings extends FaultLoad {
  /** Each on fresh clusters: a fault is one observation, however many users share it. */
  readonly repetitions: number
  /** Faults that are put to a cluster with nothing beside it, so that timings mean something; the others run beside other trials. */
  readonly inQuiet: (fault: Fault) => boolean
}

const settingsOf: Record<Preset, Settings> = {
  quick: {
    users: 12,
    ratePerSecond: 30,
    loginsPerSecond: 40,
    beforeMs: 300,
    afterMs: 250,
    repetitions: 1,
    inQuiet: () => false,
  },
  default: {
    users: 45,
    ratePerSecond: 50,
    loginsPerSecond: 40,
    beforeMs: 500,
    afterMs: 500,
    repetitions: 1,
    // The one that nobody plans for; all of them would take more time than the preset has.
    inQuiet: ({ name }) => name === 'crash',
  },
  thorough: {
    users: 200,
    ratePerSecond: 100,
    loginsPerSecond: 50,
    beforeMs: 2_000,
    afterMs: 2_000,
    repetitions: 3,
    inQuiet: () => true,
  },
}

const raw = z.strictObject({
  strategy: name,
  replicas: positiveCount,
  ratePerSecond: amount,
  loginsPerSecond: amount,
  faults: z.array(faultWindow),
})
type Raw = z.infer<typeof raw>

interface SurvivalSpec extends TrialSpec {
  /** What happens to its cluster, in order. */
  readonly faults: readonly Fault[]
}

/** As many as keep two cores busy while clusters start and users wait. */
const companions = 5

export const restartSurvival: Experiment<Raw, SurvivalSpec> = {
  name: 'restart-survival',
  question: 'Which logins survive restarts and crashes, and what do users see meanwhile?',
  raw,

  trials(plan, only) {
    const { repetitions, beforeMs, afterMs, inQuiet } = settingsOf[plan.preset]
    const rounds = Array.from({ length: repetitions }, (_, index) => (repetitions === 1 ? [] : [index + 1]))
    return rounds.flatMap((round) =>
      plan.strategies.flatMap((strategy) => {
        const byQuiet = Map.groupBy(faultsFor(strategy), (fault) => only || inQuiet(fault))
        return [...byQuiet].map(([quiet, faults]): SurvivalSpec => {
          const part = byQuiet.size > 1 && quiet ? ['in-quiet'] : []
          return {
            id: [strategy.name, ...part, ...round].join('-'),
            label: [strategy.name, ...part, ...round].join(' '),
            clusters: [{ strategy, replicas: plan.replicas }],
            sideBySide: quiet ? 1 : companions,
            expectedMs: 1_500 + faults.length * (2_000 + beforeMs + afterMs),
            faults,
          }
        })
      }),
    )
  },

  async trial({ faults }, [cluster], context) {
    if (cluster === undefined) throw new RangeError('restart-survival needs one cluster')
    const preset = settingsOf[context.plan.preset]
    const load = { ...preset, users: context.plan.users ?? preset.users }
    await using connections = openConnections(cluster.entry, context.signal)
    const observed: FaultWindow[] = []
    for (const fault of faults) {
      context.say(fault.name)
      observed.push(await observeFault(fault, cluster, connections, load, context))
    }
    return {
      strategy: cluster.spec.strategy.name,
      replicas: cluster.spec.replicas,
      ratePerSecond: load.ratePerSecond,
      loginsPerSecond: load.loginsPerSecond,
      faults: observed,
    }
  },

  judge: (trials) => judgeSurvival(restartSurvival.name, trials),
}
