/** Holds the progress lines to what a terminal and a log file can bear. */
import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { estimateLeftMs, openProgress } from './progress.ts'

/** A stream that keeps what is written, and is a terminal if `columns` says how wide. */
function stream(columns?: number) {
  let text = ''
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  const terminal =
    columns === undefined
      ? {}
      : { isTTY: true, columns, rows: 24, getColorDepth: () => 1, hasColors: () => false }
  return { stream: Object.assign(sink, terminal) as unknown as NodeJS.WriteStream, text: () => text }
}

beforeEach(() => void vi.stubEnv('CI', undefined))
afterEach(() => void vi.unstubAllEnvs())

test.each([
  ['before anything is done: part of what is expected', 0, 60_000, 100, 30_000],
  ['as fast as expected', 20_000, 60_000, 20_000, 40_000],
  ['half as fast', 20_000, 60_000, 40_000, 80_000],
  ['all done', 60_000, 60_000, 70_000, 0],
  ['more done than was expected', 70_000, 60_000, 70_000, 0],
])('time left, %s', (_, done, total, elapsed, left) => {
  expect(estimateLeftMs(done, total, elapsed)).toBe(left)
})

test('a log gets one plain line for each trial that ended', () => {
  const log = stream()
  const progress = openProgress(log.stream, 2, 2_000)
  progress.note('five strategies')
  progress.begin('a', 'login-persistence: memory', 1_000)
  progress.say('a', 'start')
  progress.begin('b', 'login-persistence: redis', 1_000)
  progress.end('b', false)
  progress.end('a', false)
  progress.close()
  expect(log.text()).toMatch(
    /^five strategies\n\[\d+ s\] 1\/2 login-persistence: redis\n\[\d+ s\] 2\/2 login-persistence: memory\n$/,
  )
})

test('in CI the log is plain even if the output calls itself a terminal', () => {
  vi.stubEnv('CI', 'true')
  const log = stream(80)
  const progress = openProgress(log.stream, 1, 1_000)
  progress.begin('a', 'memory', 1_000)
  progress.end('a', false)
  progress.close()
  expect(log.text()).toMatch(/^\[0 s\] 1\/1 memory\n$/)
})

test.each([40, 80, 200])('a terminal of %d columns gets one line that fits it', (columns) => {
  const terminal = stream(columns)
  const progress = openProgress(terminal.stream, 21, 60_000)
  progress.begin('a', 'restart-survival: memory-sticky', 1_000)
  progress.say('a', 'rolling-restart')
  progress.begin('b', 'restart-survival: redis-aof', 1_000)
  progress.say('b', 'store-crash')
  const lines = stripVTControlCharacters(terminal.text()).split(/[\r\n]+/)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
  expect(terminal.text()).toContain('0/21 trials')
  progress.end('a', false)
  progress.note('a line that stays')
  progress.end('b', false)
  expect(terminal.text()).toContain('2/21 trials')
  progress.close()
})
