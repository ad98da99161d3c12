/** Says in a few plain sentences what follows from the findings; knows no strategy by name. */
import type { Finding } from '../record/finding.ts'
import type { RunRecord } from '../record/run-record.ts'
import { isTrialFailure } from '../record/trial-failures.ts'
import { costConclusion } from './costs.ts'
import { formatShare, grouped } from './format.ts'
import { costFinder, type Find, finder } from './overview.ts'
import { list, sentence } from './sentence.ts'

/** Two or three sentences, of what was seen in this run and no more; fewer when not every experiment was run. */
export function conclusions(
  run: Pick<RunRecord, 'strategies' | 'replicas'>,
  findings: readonly Finding[],
): string[] {
  const failures = findings.filter(isTrialFailure)
  const sound = findings.filter(
    (row) => !failures.some((one) => one.strategy === row.strategy && one.experiment === row.experiment),
  )
  const find = finder(sound)
  const names = run.strategies.map(({ name }) => name)
  return [
    mixedUp(names, findings),
    unmeasured(failures),
    persistence(names, run.replicas, find),
    survival(names, find, sound),
    cost(names, run.replicas, find, sound),
  ].filter((sentence) => sentence !== null)
}

/** First of all, since a session layer can do nothing worse; it is true of a strategy that then failed as well. */
function mixedUp(names: readonly string[], findings: readonly Finding[]): string | null {
  const times = (name: string) =>
    findings
      .filter((row) => row.strategy === name && row.metric === 'answeredAsAnother')
      .reduce((sum, { value }) => sum + (value ?? 0), 0)
  const guilty = names.filter((name) => times(name) > 0)
  if (guilty.length === 0) return null
  return `Users were answered as somebody else: ${list(guilty.map((name) => `${grouped(times(name), 0)} times with ${name}`))}.`
}

function unmeasured(failures: readonly Finding[]): string | null {
  if (failures.length === 0) return null
  const where = (name: string) =>
    list(failures.filter(({ strategy }) => strategy === name).map(({ experiment }) => experiment))
  const names = [...new Set(failures.map(({ strategy }) => strategy))]
  const parts = [...Map.groupBy(names, where)].map(([failed, who]) => `${list(who)} in ${failed}`)
  return `Nothing can be said of what could not be measured: ${parts.join('; ')}.`
}

function persistence(names: readonly string[], replicas: number, find: Find): string | null {
  const share = (name: string) => find(name, 'login-persistence', String(replicas), 'recognisedShare')
  const kept = names.filter((name) => share(name)?.verdict === 'pass')
  const lost = names.filter((name) => share(name)?.verdict === 'fail')
  if (kept.length + lost.length === 0) return null
  const stillValid = names.filter((name) => {
    const effective = find(name, 'login-persistence', String(replicas), 'logoutEffectiveShare')
    return effective?.verdict === 'fail'
  })
  const across = replicas === 1 ? 'on one replica' : `across ${replicas} replicas`
  const parts = [
    kept.length === 0
      ? `${noneOf(names, [...kept, ...lost])} recognised its users on every page ${across}`
      : `${list(kept)} recognised ${kept.length === 1 ? 'its' : 'their'} users on every page ${across}`,
    ...lost.map((name) => `${name} on ${formatShare(share(name)!.value!)} of the pages`),
  ]
  const logout =
    stillValid.length === 0 ? '' : `; old cookies still logged in after a logout with ${list(stillValid)}`
  return `${sentence(parts.join(', '))}${logout}.`
}

function survival(names: readonly string[], find: Find, findings: readonly Finding[]): string | null {
  const rows = findings.filter(
    (row) => row.experiment === 'restart-survival' && row.metric === 'survivedShare',
  )
  if (rows.length === 0) return null
  const of = (name: string) => rows.filter((row) => row.strategy === name)
  const beside = ({ strategy, experiment, case: fault }: Finding, metric: string) =>
    find(strategy, experiment, fault, metric)
  /** Logins from before the fault, and those that were acknowledged around it. */
  const verdictsOf = (row: Finding) => [row.verdict, beside(row, 'acknowledgedLoginsLost')?.verdict ?? 'pass']
  const asked = names.filter((name) => of(name).length > 0)
  const safe = asked.filter((name) =>
    of(name).every((row) => verdictsOf(row).every((verdict) => verdict === 'pass')),
  )
  const head =
    safe.length === 0
      ? `${noneOf(names, asked)} got through every fault without losing a login`
      : `${list(safe)} lost no login in any fault that was tried`
  const lost = (row: Finding) => {
    if (row.verdict === 'fail')
      return row.value === 0 ? 'every login' : `${formatShare(1 - row.value!)} of the logins`
    return verdictsOf(row).includes('fail') ? 'logins that were acknowledged around the fault' : null
  }
  const lossesOf = (name: string) =>
    [...Map.groupBy(of(name), lost)]
      .filter(([what]) => what !== null)
      .map(([what, where]) => `${what} in ${list(where.map((row) => row.case))}`)
      .join(', ')
  const hurt = asked.filter((name) => lossesOf(name) !== '')
  const losses = [...Map.groupBy(hurt, lossesOf)].map(([what, who]) => `${list(who)} lost ${what}`)
  const nothingToLose = asked.flatMap((name) => {
    const where = of(name).filter((row) => beside(row, 'loginsBefore')?.value === 0)
    return where.length === 0
      ? []
      : [`with ${name} there was nothing to lose in ${list(where.map((row) => row.case))}`]
  })
  return `${sentence([head, ...losses, ...nothingToLose].join('; '))}.`
}

function cost(
  names: readonly string[],
  replicas: number,
  find: Find,
  findings: readonly Finding[],
): string | null {
  const measured = names.filter((name) => find(name, 'throughput', 'me-saturated', 'ratioToControl'))
  if (measured.length === 0) return null
  const asked = names.some((name) => find(name, 'login-persistence', String(replicas), 'recognisedShare'))
  const candidates = measured.filter((name) => {
    const share = find(name, 'login-persistence', String(replicas), 'recognisedShare')
    return share === undefined ? !asked : share.value === 1
  })
  if (candidates.length === 0) return 'None of them recognised its users on every page, whatever it costs.'
  const which =
    candidates.length < measured.length ? 'of those that recognised their users on every page, ' : ''
  return costConclusion(costFinder(find), candidates, findings, which)
}

function noneOf(names: readonly string[], measured: readonly string[]): string {
  return measured.length < names.length ? 'None of those that were measured' : 'No strategy'
}
