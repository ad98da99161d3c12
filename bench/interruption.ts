/** What tells the harness to stop: a signal, or that the npm which runs it is gone. Loads nothing, so that it can come first. */

/** @param why for a message: `SIGTERM` */
type Listener = (why: string) => void

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The last one is told. */
const listeners: Listener[] = []

/**
 * From now on `listener` is told, and nobody else. Disposing gives the word back to whoever had it before; where that was
 * nobody, a signal ends the process as it would any other.
 */
export function onInterruption(listener: Listener): Disposable {
  if (listeners.length === 0) listen()
  listeners.push(listener)
  return {
    [Symbol.dispose]() {
      listeners.splice(listeners.indexOf(listener), 1)
      if (listeners.length === 0) stopListening()
    },
  }
}

function tell(why: string): void {
  listeners.at(-1)?.(why)
}

/**
 * The npm that runs this process; `null` when another program does. Our scripts are nothing but `exec node …`, so that
 * npm itself is the parent, and it stays until its script has ended: if it is gone, it was killed, and nobody waits for
 * this process any more. Any other parent may go and mean nothing by it: a shell after `&`, `disown` or `setsid`, a step of
 * CI that leaves something running. Where npm is process 1, as in a container, its end is that of everybody.
 */
const npm = /^exec node [^&|;]*$/.test(process.env.npm_lifecycle_script ?? '') ? process.ppid : null
/** The system tells nobody of the end of a parent. */
const lookForNpmEveryMs = 1_000
let looking: NodeJS.Timeout | undefined

function listen(): void {
  for (const name of signals) process.on(name, tell)
  if (npm === null) return
  looking = setInterval(() => {
    if (process.ppid === npm) return
    clearInterval(looking)
    tell('npm, which ran this, is gone')
  }, lookForNpmEveryMs)
  looking.unref()
}

function stopListening(): void {
  for (const name of signals) process.off(name, tell)
  clearInterval(looking)
}
