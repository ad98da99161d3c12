/** Holds the logs of local members to a part of the disk, and what is quoted of them to what anybody reads. */
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../testing/temporary-folder.ts'
import { cutLogs, logTail } from './log-file.ts'

let folder: TemporaryFolder
let log: string
beforeEach(() => {
  folder = temporaryFolder()
  log = join(folder.path, 'replica-1.log')
})
afterEach(() => folder[Symbol.dispose]())

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}\n`).join('')

describe('the last words', () => {
  test('are the last lines of the log, indented', () => {
    writeFileSync(log, `${lines(1, 20)}\n`)
    expect(logTail(log, 2)).toBe('  line 19\n  line 20')
    expect(logTail(log).split('\n')).toHaveLength(12)
  })

  test('are missed when there are none', () => {
    writeFileSync(log, '\n')
    for (const file of [log, join(folder.path, 'gone')]) expect(logTail(file)).toBe('  (it wrote nothing)')
  })

  test('are looked for in the last 64 KiB alone, however long the log is', () => {
    appendFileSync(log, 'first\n')
    truncateSync(log, 8 * 2 ** 30) // sparse: it takes no room, and could not be read as a whole
    appendFileSync(log, '\nlast\n')
    expect(logTail(log, 1)).toBe('  last')
  })

  test('are cut where nobody reads on, and do nothing to a terminal', () => {
    writeFileSync(log, `\u001b]52;c;x\u0007${'x'.repeat(5_000)}\n\u001b[2Jlast\n`)
    expect(logTail(log)).toBe(`  ${'x'.repeat(999)}…\n  last`)
  })
})

describe('a log that grows too long', () => {
  const most = 128 * 1024

  test('is cut to its last part, and its member goes on at the new end', () => {
    const member = openSync(log, 'a')
    writeSync(member, lines(1, 20_000))
    cutLogs(folder.path, most)
    expect(statSync(log).size).toBe(64 * 1024)
    writeSync(member, 'afterwards\n')
    closeSync(member)
    expect(logTail(log, 2)).toBe('  line 20000\n  afterwards')
    expect(readFileSync(log)).not.toContain(0) // no hole where the first part was
  })

  test('is left alone as long as it does not, as is what is no log', () => {
    writeFileSync(log, lines(1, 1_000))
    const data = join(folder.path, 'appendonly.aof')
    writeFileSync(data, lines(1, 20_000))
    cutLogs(folder.path, most)
    expect(readFileSync(log, 'utf8')).toBe(lines(1, 1_000))
    expect(readFileSync(data, 'utf8')).toBe(lines(1, 20_000))
  })
})
