/** What is known of each metric beyond its value: which way is better, and what it depends on. */

/**
 * `behaviour`: what became of logins; the same on any machine. `cost`: measured beside the control in the same trial.
 * `ratio`: to the control of the same trial already. `time`: a duration or a count of a single cluster, with nothing beside it to cancel the machine's drift.
 */
export type MetricKind = 'behaviour' | 'cost' | 'ratio' | 'time'

/** One metric that two runs can be compared by. */
export interface MetricInfo {
  readonly better: 'higher' | 'lower'
  readonly kind: MetricKind
}

const behaviour = (better: MetricInfo['better']): MetricInfo => ({ better, kind: 'behaviour' })
const cost = (better: MetricInfo['better']): MetricInfo => ({ better, kind: 'cost' })
const ratio = (better: MetricInfo['better']): MetricInfo => ({ better, kind: 'ratio' })
const time = (better: MetricInfo['better']): MetricInfo => ({ better, kind: 'time' })

/** By experiment, since some metrics of one name are measured differently in another. */
const metrics: Readonly<Record<string, Readonly<Record<string, MetricInfo>>>> = {
  'login-persistence': {
    recognisedShare: behaviour('higher'),
    lostForGoodShare: behaviour('lower'),
    logoutEffectiveShare: behaviour('higher'),
    answeredAsAnother: behaviour('lower'),
  },
  'restart-survival': {
    survivedShare: behaviour('higher'),
    survivedActiveShare: behaviour('higher'),
    survivedIdleShare: behaviour('higher'),
    recognisedShareBefore: behaviour('higher'),
    recognisedShareAfter: behaviour('higher'),
    acknowledgedLoginsLost: behaviour('lower'),
    answeredAsAnother: behaviour('lower'),
    outageMs: time('lower'),
    recoveryMs: time('lower'),
    latencyP50Ms: time('lower'),
    latencyP95Ms: time('lower'),
  },
  throughput: {
    requestsPerSecond: time('higher'),
    ratioToControl: ratio('higher'),
    cpuRatioToControl: ratio('lower'),
    recognisedShare: behaviour('higher'),
    answeredAsAnother: behaviour('lower'),
    latencyP50Ms: cost('lower'),
    latencyP90Ms: cost('lower'),
    latencyP95Ms: cost('lower'),
    latencyP99Ms: cost('lower'),
    'cpuMicrosPerRequest.replica': cost('lower'),
    'cpuMicrosPerRequest.nginx': cost('lower'),
    // The control has no store that it could be a ratio to.
    'cpuMicrosPerRequest.store': time('lower'),
    'cpuMicrosPerRequest.total': cost('lower'),
    memoryBytesPerReplica: cost('lower'),
  },
}

/** `null` for a metric that tells how a measurement went (the generator's audit) and gets neither better nor worse. */
export function metricInfo(experiment: string, metric: string): MetricInfo | null {
  if (metric === 'trialFailed') return behaviour('lower') // of every experiment, as it is told by none of them
  return metrics[experiment]?.[metric] ?? null
}
