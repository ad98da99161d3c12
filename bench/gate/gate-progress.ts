/** What a gate says while it goes on. */
import type { GateObserver } from './course.ts'
import type { GateFolder } from './gate-folder.ts'

/** Writes each pair down, and says that it was measured. @param of how many pairs there will be; absent: it depends */
export function gateProgress(
  { appendPair }: Pick<GateFolder, 'appendPair'>,
  say: (line: string) => void,
  of?: number,
): GateObserver {
  return {
    note: say,
    pair(pair) {
      appendPair(pair)
      const { startMs, warmUpMs, measureMs, stopMs } = pair.timing
      const seconds = ((startMs + warmUpMs + measureMs + stopMs) / 1000).toFixed(1)
      say(`${pair.strategy}: pair ${pair.index + 1}${of === undefined ? '' : ` of ${of}`}, ${seconds} s`)
    },
  }
}
