/** What every report of a gate says, in words: verdicts, changes, what would settle what is open. */
import { formatChange } from './format-change.ts'
import type { GateMetricRecord, GateRecord, GateStrategyRecord } from './gate-record.ts'

/** The answer in a sentence. */
export function gateSentence({ verdict, strategies }: GateRecord): string {
  const names = (of: GateRecord['verdict']) =>
    strategies
      .filter((strategy) => strategy.verdict === of && strategy.status !== 'removed')
      .map(({ name }) => name)
      .join(', ')
  switch (verdict) {
    case 'worse':
      return `worse than base: ${names('worse')}`
    case 'fine':
      return `not worse than base by more than is accepted: ${names('fine')}`
    case 'undecided':
      return `undecided: ${names('undecided')}`
  }
}

/** What was compared with what. */
export function gateSubject({ base, head, replicas, seed, timing, machine }: GateRecord): string[] {
  const uncommitted = head.dirty === true ? ' with uncommitted changes' : ''
  return [
    `base ${base.commit?.slice(0, 10) ?? 'unknown'} (${base.described}), head ${head.commit?.slice(0, 10) ?? 'unknown'}${uncommitted}`,
    `logins on ${replicas} replicas a side, seed ${seed}, ${Math.round(timing.wallMs / 1000)} s; ${machine.cores} × ${machine.cpuModel}`,
  ]
}

/** Sentences about one strategy: what is worse, what is open, what has to be known. */
export function gateNotes(strategy: GateStrategyRecord): string[] {
  const falls = strategy.correctness.falls.map((fall) =>
    fall.metric === 'runs'
      ? fall.note
      : `${fall.experiment}, ${fall.case}: ${fall.metric} ${rose(fall) ? 'rose' : 'fell'} from ${figure(fall.metric, fall.base)} to ${figure(fall.metric, fall.head)} (${fall.note})`,
  )
  const worse = strategy.metrics
    .filter(({ verdict }) => verdict === 'worse')
    .map((metric) => `${metric.name} ${change(metric)}, more than the ${percent(metric.tolerance)} accepted`)
  const open = strategy.metrics
    .filter((metric) => metric.verdict === 'undecided' && isAstride(metric))
    .map(openNote)
  return [
    ...falls,
    ...worse,
    ...(strategy.verdict === 'undecided' ? open : []),
    ...(strategy.note === '' ? [] : [strategy.note]),
  ]
}

/** `+9.8 % (+7.1 … +12.4)` */
export function change({ ratio, low, high }: Pick<GateMetricRecord, 'ratio' | 'low' | 'high'>): string {
  return formatChange({ estimate: ratio, low, high })
}

/** `2.5 %` */
export function percent(part: number): string {
  return `${Number((part * 100).toFixed(2))} %`
}

/** Whether there is a range, and the tolerance in it: otherwise it is open for a reason that the strategy's note gives. */
function isAstride({ low, high, tolerance, worse }: GateMetricRecord): boolean {
  const limit = worse === 'higher' ? 1 + tolerance : 1 / (1 + tolerance)
  return low !== null && high !== null && low <= limit && limit <= high
}

function openNote(metric: GateMetricRecord): string {
  const { name, settledBy, tolerance } = metric
  const settling =
    settledBy === null
      ? 'it lies on the tolerance, where no number of pairs settles it; choose another --tolerance'
      : `a new gate of about ${settledBy.pairs} pairs would probably say ${settledBy.verdict}`
  return `${name} ${change(metric)} with ${percent(tolerance)} accepted: ${settling}`
}

type Fall = GateStrategyRecord['correctness']['falls'][number]

const rose = ({ base, head }: Fall) => base !== null && head !== null && head > base

function figure(metric: string, value: number | null): string {
  if (value === null) return 'unknown'
  return metric.endsWith('Share') ? percent(value) : String(value)
}
