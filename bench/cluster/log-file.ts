/** The logs of local members: files that these append to. What is quoted of them, and how much of the disk they get. */
import {
  appendFileSync,
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { join } from 'node:path'
import { lastLines } from './last-lines.ts'

/** What is ever looked at, and what is left of a log that has grown too long. */
const keptBytes = 64 * 1024
/** Room for what an app says of a few thousand requests; whatever is older was quoted by nobody. */
const mostBytes = 8 * 2 ** 20
/** Looking at a file's size takes some microseconds. */
const lookEveryMs = 250

/** The last lines of a log, indented for a message; says so when there are none. */
export function logTail(file: string, lines?: number): string {
  return lastLines(lastPart(file), lines)
}

/** Keeps the logs in `folder` from filling the disk, whatever their members write. Disposing ends that. */
export function boundLogs(folder: string): Disposable {
  const timer = setInterval(() => {
    try {
      cutLogs(folder)
    } catch {
      // A log that is gone, or a disk without room: it is looked at again.
    }
  }, lookEveryMs).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/** Cuts each log that has more than `most` bytes to its last part. A member appends, and so goes on at the new end. */
export function cutLogs(folder: string, most = mostBytes): void {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.log'))) {
    const file = join(folder, name)
    if (statSync(file).size <= most) continue
    const last = lastPart(file)
    truncateSync(file)
    appendFileSync(file, last)
  }
}

/** Empty when the process did not get as far as having a log. */
function lastPart(path: string): string {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return ''
  }
  try {
    const part = Buffer.alloc(keptBytes)
    const from = Math.max(0, fstatSync(file).size - keptBytes)
    return part.toString('utf8', 0, readSync(file, part, 0, keptBytes, from))
  } finally {
    closeSync(file)
  }
}
