/** The machine that something was measured on, and whether two records can be taken to be of the same one. */
import { z } from 'zod'
import { amount, count, text } from './values.ts'

/** What a machine is recognised by; two of one kind (a fleet of CI runners) count as the same. */
export const machine = z.strictObject({
  platform: text,
  cpuModel: text,
  cores: count,
  memoryBytes: count,
})
export type Machine = z.infer<typeof machine>

/** The same when a measurement began. */
export const busyMachine = z.strictObject({
  ...machine.shape,
  /** Processes ready to run, averaged over the last minute. */
  loadBefore: amount,
})

/** In what two machines differ, for a message; `null` when in nothing that is recorded. */
export function machineDifference(before: Machine, after: Machine): string | null {
  if (before.platform !== after.platform) return `${before.platform} and ${after.platform}`
  if (before.cpuModel !== after.cpuModel) return `${before.cpuModel} and ${after.cpuModel}`
  if (before.cores !== after.cores) return `${before.cores} and ${after.cores} cores`
  // What a kernel reserves for itself changes with every update of it.
  const larger = Math.max(before.memoryBytes, after.memoryBytes)
  if (Math.abs(before.memoryBytes - after.memoryBytes) > larger / 20) {
    return `${gibibytes(before.memoryBytes)} and ${gibibytes(after.memoryBytes)} GiB of memory`
  }
  return null
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1)
}
