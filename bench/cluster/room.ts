/** Tells whether what a cluster writes still finds room. */
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { noRoom, systemCode, withRoom } from '../errors.ts'

/** With less than this a cluster runs into the end at any moment, and what it gives up makes a little room again. */
const leastFreeBytes = 1024 * 1024
/** A block of most file systems: what is left of one that is in use already takes a shorter text. */
const block = Buffer.alloc(4096)

/**
 * The error to throw for what has failed because the file system of a cluster's data and logs is full; `null` when there is
 * room. The file system's own figures come first, and then a try, since a quota shows in no figure.
 */
export function roomProblem(folder: string): unknown {
  if (isFull(folder)) return noRoom(folder, 'TMPDIR')
  const probe = join(folder, 'room')
  try {
    withRoom(folder, 'TMPDIR', () => writeFileSync(probe, block))
    return null
  } catch (error) {
    return ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '') ? error : null
  } finally {
    rmSync(probe, { force: true })
  }
}

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize, blocks } = statfsSync(folder)
    return blocks > 0 && bavail * bsize < leastFreeBytes
  } catch {
    return false // it is gone, or does not tell
  }
}
