/** Tells whether what a cluster writes still finds room. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode, withRoom } from '../errors.ts'

/** A block of most file systems: what is left of one that is in use already takes a shorter text. */
const block = Buffer.alloc(4096)

/**
 * The error to throw for a member that has ended and could not say why, because the file system of its log is full;
 * `null` when there is room.
 */
export function roomProblem(folder: string): unknown {
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
