/** Saturated windows beside those of the control in the same rounds; pure. */
import { mean } from '../stats/mean.ts'
import { hodgesLehmann, walshAverages } from '../stats/signed-rank.ts'
import { windowDoubt } from './cost-doubt.ts'
import type { CostWindow, Mix } from './cost-window.ts'

/** The windows of one cluster in one trial and mix that can be used. */
export interface Rounds {
  readonly own: readonly CostWindow[]
  /** Of each, those that it is compared with in its round. */
  readonly beside: readonly (readonly CostWindow[])[]
  /** Why they say too little; empty when enough of them are sound. */
  readonly doubts: readonly string[]
}

/** Of fewer sound rounds than this the trial could be what is left of a disturbance. */
const leastSound = 0.5

/**
 * Leaves out the rounds in which a window is in doubt, unless that would leave too few.
 *
 * A strategy is compared with the control and its twin together, since what a control costs differs from process to process
 * as well, and that of two varies less; the twin is compared with the control.
 */
export function roundsOf(
  {
    control,
    twin,
    windows,
  }: { readonly control: string; readonly twin: string; readonly windows: readonly CostWindow[] },
  strategy: string,
  mix: Mix,
): Rounds {
  const saturated = windows.filter((window) => window.kind === 'saturated' && window.mix === mix)
  const all = saturated
    .filter((window) => window.strategy === strategy)
    .flatMap((own) => {
      const references = strategy === control || strategy === twin ? [control] : [control, twin]
      const beside = saturated.filter(
        ({ strategy: name, round }) => references.includes(name) && round === own.round,
      )
      const doubt = [own, ...beside].map(windowDoubt).find((why) => why !== null) ?? null
      return beside.length === 0 ? [] : [{ own, beside, doubt }]
    })
  const sound = all.filter(({ doubt }) => doubt === null)
  const enough = sound.length >= leastSound * all.length
  const used = enough ? sound : all
  return {
    own: used.map(({ own }) => own),
    beside: used.map(({ beside }) => beside),
    doubts: enough ? [] : [...new Set(all.flatMap(({ doubt }) => doubt ?? []))],
  }
}

/**
 * own / the geometric mean of those beside it, round by round, and of these the Hodges–Lehmann centre on the log scale: a machine that changes its speed
 * from one second to the next falls on all, and a round that was disturbed in one of its windows moves it little.
 * @returns `null` when a window has no value
 */
export function ratioByRound(
  { own, beside }: Rounds,
  value: (window: CostWindow) => number | null,
): number | null {
  const logOf = (window: CostWindow) => {
    const of = value(window)
    return of === null || of <= 0 ? null : Math.log(of)
  }
  const logRatios = own.map((window, at) => {
    const log = logOf(window)
    const logs = beside[at]!.map(logOf)
    return log === null || logs.includes(null) ? null : log - mean(logs as number[])
  })
  const known = logRatios.filter((ratio) => ratio !== null)
  if (known.length === 0 || known.length < logRatios.length) return null
  return Math.exp(hodgesLehmann(walshAverages(known)))
}
