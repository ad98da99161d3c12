/** What tells the harness to stop: a signal, or the end of whoever started it. Loads next to nothing, so that it can come first. */
import { readFileSync } from 'node:fs'

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
 * Our scripts are nothing but `exec node …`, so that npm itself is the parent, and it stays until its script has ended: if it
 * is gone, it was killed.
 */
const ofNpm = /^exec node [^&|;]*$/.test(process.env.npm_lifecycle_script ?? '')
/**
 * Whoever started this process and waits for it; `null` when nobody does. One that is gone leaves a cluster behind that
 * nobody stops. Whoever wants that says so by `setsid`. Process 1 takes everybody along when it ends.
 */
const parent = process.ppid === 1 || (!ofNpm && leadsSession()) ? null : process.ppid
/** The system tells nobody of the end of a parent. */
const lookForParentEveryMs = 1_000
let looking: NodeJS.Timeout | undefined

/** Whether it was detached; so it is taken where the system does not tell. */
function leadsSession(): boolean {
  try {
    // `pid (name) state ppid pgrp session …` (man 5 proc_pid_stat); a name may hold anything.
    const [, , , session] = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)!.split(' ')
    return Number(session) === process.pid
  } catch {
    return true
  }
}

function listen(): void {
  for (const name of signals) process.on(name, tell)
  if (parent === null) return
  looking = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(looking)
    tell(
      ofNpm ? 'npm, which ran this, is gone' : 'the process that started this is gone (setsid lets it go on)',
    )
  }, lookForParentEveryMs)
  looking.unref()
}

function stopListening(): void {
  for (const name of signals) process.off(name, tell)
  clearInterval(looking)
}
