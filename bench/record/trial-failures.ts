/** What failed trials mean for the findings of a run; pure. */
import type { Finding } from './finding.ts'
import type { TrialRecord } from './run-record.ts'

/** The case of a finding about the trials themselves. */
const aboutTrials = 'trials'

/** Whether a strategy dropped out of an experiment at least once, so that nothing is to be concluded about it there. */
export function isTrialFailure({ metric, value }: Finding): boolean {
  return metric === 'trialFailed' && value !== 0
}

/**
 * The findings of a run, and for each strategy and experiment one more: in how many of its trials it could not go on.
 * Where that is not zero, what was found in the other trials is true of these alone, and so it passes no more.
 * @param judged what the experiments found in the trials that are there
 */
export function withTrialFailures(judged: readonly Finding[], trials: readonly TrialRecord[]): Finding[] {
  const about = failuresIn(trials.filter(({ status }) => status === 'done' || status === 'failed'))
  const failed = about.filter(isTrialFailure)
  const doubted = judged.map((row): Finding => {
    const failure = failed.find(
      ({ strategy, experiment }) => strategy === row.strategy && experiment === row.experiment,
    )
    if (failure === undefined || row.verdict === 'fail') return row
    const without = `without the trials that failed (${failure.value})`
    return { ...row, verdict: 'unknown', note: row.note === '' ? without : `${row.note}; ${without}` }
  })
  return [...doubted, ...about]
}

function failuresIn(trials: readonly TrialRecord[]): Finding[] {
  return [...Map.groupBy(trials, ({ experiment }) => experiment)].flatMap(([experiment, all]) => {
    const strategies = [...new Set(all.flatMap((trial) => trial.strategies))]
    return strategies.map((strategy): Finding => {
      const taken = all.filter((trial) => trial.strategies.includes(strategy))
      const reasons = taken.flatMap(({ failures }) =>
        failures.filter((failure) => failure.strategy === strategy).map(({ reason }) => reason),
      )
      const why = reasons.length === 0 ? '' : `: ${[...new Set(reasons)].join('; ')}`
      return {
        strategy,
        experiment,
        case: aboutTrials,
        metric: 'trialFailed',
        value: reasons.length,
        unit: 'count',
        low: null,
        high: null,
        verdict: reasons.length === 0 ? 'pass' : 'fail',
        note: `${reasons.length} of ${taken.length} trials${why}`,
      }
    })
  })
}
