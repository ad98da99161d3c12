/** What the whole machine has done with its cores, whoever's processes those were. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { amount, positiveCount } from '../record/values.ts'

/** Between two readings. The system counts in ticks of 10 ms, so that a single short window is known roughly only. */
export const machineCpu = z.strictObject({
  cores: positiveCount,
  /** By anybody on this machine, the system's own work included. */
  busyMicros: amount,
  /** Taken by the host for other machines while somebody here was ready to run. */
  stealMicros: amount,
})
export type MachineCpu = z.infer<typeof machineCpu>

/** Since the machine was started; `null` where the system does not tell. */
export function readMachineCpu(): MachineCpu | null {
  return process.platform === 'linux' ? parseStat(readFileSync('/proc/stat', 'utf8')) : null
}

export function machineCpuBetween(before: MachineCpu | null, after: MachineCpu | null): MachineCpu | null {
  if (before === null || after === null) return null
  return {
    cores: after.cores,
    // A host corrects its account of steal now and then, and so it may fall.
    busyMicros: Math.max(0, after.busyMicros - before.busyMicros),
    stealMicros: Math.max(0, after.stealMicros - before.stealMicros),
  }
}

/** USER_HZ, in which /proc/stat counts: 100 on every Linux architecture Node runs on. */
const microsPerTick = 10_000

/** Pure. @param text of `/proc/stat` (man 5 proc_stat): user nice system idle iowait irq softirq steal … */
export function parseStat(text: string): MachineCpu {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(text)?.[1] ?? ''
  )
    .split(' ')
    .map(Number)
  return {
    cores: (text.match(/^cpu\d/gm) ?? []).length,
    busyMicros: (user + nice + system + irq + softirq) * microsPerTick,
    stealMicros: steal * microsPerTick,
  }
}
