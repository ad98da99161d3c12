/** Saturated windows beside those of the control in the same rounds; pure. */
import { hodgesLehmann, walshAverages } from '../stats/signed-rank.ts'
import { windowDoubt } from './cost-doubt.ts'
import type { CostWindow, Mix } from './cost-window.ts'

/** The windows of one cluster in one trial and mix that can be used, each with the control's of its round. */
export interface Rounds {
  readonly own: readonly CostWindow[]
  readonly control: readonly CostWindow[]
  /** Why they say too little; empty when enough of them are sound. */
  readonly doubts: readonly string[]
}

/** Of fewer sound rounds than this the trial could be what is left of a disturbance. */
const leastSound = 0.5

/** Leaves out the rounds in which a window is in doubt, unless that would leave too few. */
export function roundsOf(
  { control, windows }: { readonly control: string; readonly windows: readonly CostWindow[] },
  strategy: string,
  mix: Mix,
): Rounds {
  const saturated = windows.filter((window) => window.kind === 'saturated' && window.mix === mix)
  const all = saturated
    .filter((window) => window.strategy === strategy)
    .flatMap((own) => {
      const beside = saturated.find(({ strategy: name, round }) => name === control && round === own.round)
      return beside === undefined ? [] : [{ own, beside, doubt: windowDoubt(own) ?? windowDoubt(beside) }]
    })
  const sound = all.filter(({ doubt }) => doubt === null)
  const enough = sound.length >= leastSound * all.length
  const used = enough ? sound : all
  return {
    own: used.map(({ own }) => own),
    control: used.map(({ beside }) => beside),
    doubts: enough ? [] : [...new Set(all.flatMap(({ doubt }) => doubt ?? []))],
  }
}

/**
 * own / control, round by round, and of these the Hodges–Lehmann centre on the log scale: a machine that changes its speed
 * from one second to the next falls on both, and a round that was disturbed in one of its two windows moves it little.
 * @returns `null` when a window has no value
 */
export function ratioByRound(
  { own, control }: Rounds,
  value: (window: CostWindow) => number | null,
): number | null {
  const logRatios = own.map((window, at) => {
    const [a, b] = [value(window), value(control[at]!)]
    return a === null || b === null || a <= 0 || b <= 0 ? null : Math.log(a / b)
  })
  const known = logRatios.filter((ratio) => ratio !== null)
  if (known.length === 0 || known.length < logRatios.length) return null
  return Math.exp(hodgesLehmann(walshAverages(known)))
}
