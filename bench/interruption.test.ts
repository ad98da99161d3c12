/** Holds what interrupts to signals, and to the end of whoever started this and has not detached it. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

const npmScript = 'exec node --max-semi-space-size=4 bench/main.js'

const parent = vi.fn<() => number>()
const own = Object.getOwnPropertyDescriptor(process, 'ppid')!
beforeEach(() => {
  vi.useFakeTimers()
  vi.resetModules()
  parent.mockReturnValue(4242)
  Object.defineProperty(process, 'ppid', { configurable: true, get: parent })
})
afterEach(() => {
  Object.defineProperty(process, 'ppid', own)
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

/** What is told, as if this process had been started by `script`. */
async function listening(script: string | undefined) {
  vi.stubEnv('npm_lifecycle_script', script)
  const { onInterruption } = await import('./interruption.ts')
  const told: string[] = []
  return { told, onInterruption, held: onInterruption((why) => told.push(why)) }
}

test('signals are told by name, to the last who asked, and as long as somebody asks', async () => {
  const before = process.listenerCount('SIGTERM')
  const { told, onInterruption, held } = await listening(undefined)
  process.emit('SIGTERM', 'SIGTERM')
  {
    const inner: string[] = []
    using _inner = onInterruption((why) => inner.push(why))
    process.emit('SIGHUP', 'SIGHUP')
    expect(inner).toEqual(['SIGHUP'])
  }
  process.emit('SIGINT', 'SIGINT')
  expect(told).toEqual(['SIGTERM', 'SIGINT'])
  held[Symbol.dispose]()
  expect(process.listenerCount('SIGTERM')).toBe(before)
})

describe('a parent that is gone', () => {
  test.runIf(process.platform === 'linux').each([
    ['npm', npmScript, 'npm, which ran this, is gone'],
    ['a shell', undefined, 'the process that started this is gone (setsid lets it go on)'],
    [
      'a shell that npm runs',
      'node bench/main.js; true',
      'the process that started this is gone (setsid lets it go on)',
    ],
  ])('interrupts once: %s', async (_, script, message) => {
    const { told, held } = await listening(script)
    vi.advanceTimersByTime(60_000)
    expect(told).toEqual([])
    parent.mockReturnValue(1)
    vi.advanceTimersByTime(60_000)
    expect(told).toEqual([message])
    held[Symbol.dispose]()
  })

  test.runIf(process.platform === 'linux')('means nothing to whoever leads a session', async () => {
    const [, , , session] = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)!.split(' ')
    const ownPid = Object.getOwnPropertyDescriptor(process, 'pid')!
    onTestFinished(() => void Object.defineProperty(process, 'pid', ownPid))
    Object.defineProperty(process, 'pid', { ...ownPid, value: Number(session) })
    const { told, held } = await listening(undefined)
    parent.mockReturnValue(1)
    vi.advanceTimersByTime(60_000)
    expect(told).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
    held[Symbol.dispose]()
  })

  test('cannot be told where it is process 1, as in a container, and goes with everybody', async () => {
    parent.mockReturnValue(1)
    const { told, held } = await listening(npmScript)
    vi.advanceTimersByTime(60_000)
    expect(told).toEqual([])
    held[Symbol.dispose]()
  })
})

test('the scripts of this project are such that npm is the parent', async () => {
  const { scripts } = (await import('../package.json', { with: { type: 'json' } })).default
  const ofNode = Object.entries(scripts).filter(([, script]) => /\bnode\b/.test(script))
  expect(ofNode.map(([name]) => name)).toEqual(expect.arrayContaining(['bench', 'cluster', 'clean']))
  for (const [name, script] of ofNode) expect(script, name).toMatch(/^exec node [^&|;]*$/)
})
