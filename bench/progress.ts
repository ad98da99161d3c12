/** Tells whoever waits what is being measured, what is left and when it will end. */
import { styleText } from 'node:util'
import { createLogUpdate } from 'log-update'
import { logText } from './text/workflow-command.ts'

/** What a run tells of itself while it goes on. */
export interface Progress {
  /** A line that stays. */
  note(line: string): void
  /** A trial has begun. @param key names it in the calls below */
  begin(key: string, label: string, expectedMs: number): void
  /** What a trial is doing now. */
  say(key: string, what: string): void
  /** A trial has ended. @param failed it gave no result */
  end(key: string, failed: boolean): void
  /** Takes the live line away. */
  close(): void
}

/** Time left, from what was expected of the trials that are done and of those that are not; in milliseconds. */
export function estimateLeftMs(doneExpectedMs: number, totalExpectedMs: number, elapsedMs: number): number {
  // Before anything is done the expectation is all there is; later the pace of this machine corrects it.
  const pace = doneExpectedMs === 0 ? 0.5 : elapsedMs / doneExpectedMs
  return Math.max(0, (totalExpectedMs - doneExpectedMs) * pace)
}

interface Running {
  readonly label: string
  readonly expectedMs: number
  what: string
}

/**
 * @param stream a terminal gets one live line, anything else a plain line per trial
 * @param totalExpectedMs of all trials
 */
export function openProgress(
  stream: NodeJS.WriteStream,
  totalTrials: number,
  totalExpectedMs: number,
): Progress {
  const startedAt = performance.now()
  const running = new Map<string, Running>()
  let done = 0
  let doneExpectedMs = 0
  const live = stream.isTTY === true && process.env.CI === undefined
  const update = live ? createLogUpdate(stream) : null
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`

  const draw = () => {
    if (update === null) return
    const elapsedMs = performance.now() - startedAt
    const left = estimateLeftMs(doneExpectedMs, totalExpectedMs, elapsedMs)
    const now = [...running.values()]
      .map(({ label, what }) => (what === '' ? label : `${label}: ${what}`))
      .join(' | ')
    const head = `${done}/${totalTrials} trials, ${seconds(elapsedMs)}, about ${seconds(left)} left  `
    const room = Math.max(10, (stream.columns ?? 80) - head.length - 1)
    update(styleText('dim', head, { stream }) + (now.length > room ? `${now.slice(0, room - 1)}…` : now))
  }
  const timer = live ? setInterval(draw, 250) : null
  timer?.unref()

  return {
    note(line) {
      update?.clear()
      stream.write(`${logText(line)}\n`)
      draw()
    },
    begin(key, label, expectedMs) {
      running.set(key, { label, expectedMs, what: '' })
      draw()
    },
    say(key, what) {
      const trial = running.get(key)
      if (trial !== undefined) trial.what = what
      draw()
    },
    end(key, failed) {
      const trial = running.get(key)
      running.delete(key)
      done += 1
      doneExpectedMs += trial?.expectedMs ?? 0
      if (live) draw()
      else
        stream.write(
          `[${seconds(performance.now() - startedAt)}] ${done}/${totalTrials} ${trial?.label ?? key}${failed ? ': no result' : ''}\n`,
        )
    },
    close() {
      if (timer !== null) clearInterval(timer)
      update?.clear()
      update?.done()
    },
  }
}
