/** Tells whether what lies in a folder can have been put there by somebody else: then nothing of it is run. */
import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../errors.ts'

/**
 * Why a file or folder is not this user's alone; `null` when it is, when there is none that this user can see, or where
 * the system has no owners. What root owns is as good: root may do anything anyway.
 */
export function foreign(path: string): string | null {
  return judged(path, statSync)
}

/** As `foreign`, of a folder and everything in it; the first thing that is found. */
export function foreignWithin(folder: string): string | null {
  const reason = foreign(folder)
  if (reason !== null) return reason
  let names: string[]
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch (error) {
    return messageOf(error)
  }
  for (const name of names) {
    const inner = judged(join(folder, name), lstatSync)
    if (inner !== null) return inner
  }
  return null
}

function judged(path: string, read: (path: string) => Stats): string | null {
  const me = process.getuid?.()
  if (me === undefined) return null
  let facts: Stats
  try {
    facts = read(path)
  } catch {
    return null // what cannot be seen cannot be run either
  }
  if (facts.uid !== me && facts.uid !== 0) return `${path} belongs to another user (number ${facts.uid})`
  // The mode of a link means nothing, and only its owner can have made it.
  if (facts.isSymbolicLink() || (facts.mode & 0o022) === 0) return null
  return `${path} may be written to by other users (mode ${(facts.mode & 0o777).toString(8)})`
}
