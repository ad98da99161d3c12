/** Finds out how much hashing costs a given CPU time on this machine. */
import { createHash } from 'node:crypto'

/** Long enough for the accounting to be exact, short enough not to be noticed. */
const callsPerTry = 2_000

/** @returns the bytes whose SHA-256 costs about `micros` of CPU time */
export function bytesCosting(micros: number): number {
  let bytes = 1_000
  for (let attempt = 0; attempt < 4; attempt += 1) {
    bytes = Math.max(1, Math.round((bytes * micros) / costOf(bytes)))
  }
  return bytes
}

function costOf(bytes: number): number {
  const block = Buffer.alloc(bytes, 1)
  const before = process.cpuUsage()
  for (let call = 0; call < callsPerTry; call += 1) createHash('sha256').update(block).digest()
  const { user, system } = process.cpuUsage(before)
  return Math.max(0.1, (user + system) / callsPerTry)
}
