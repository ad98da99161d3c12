/** Holds the schedule of a run to what each of its trials bears. */
import { expect, test } from 'vitest'
import { type Companionable, sideBySide } from './schedule.ts'
import { until } from './testing/until.ts'

const { signal } = new AbortController()

/** Tasks that end when they are told to. */
function tasks(...bearable: number[]) {
  return bearable.map((sideBySide, index) => ({
    key: 'abcdef'[index]!,
    sideBySide,
    ...Promise.withResolvers<void>(),
  }))
}

/** Runs them, and tells who is under way. */
function start<T extends Companionable & { promise: Promise<void> }>(all: readonly T[]) {
  const running = new Set<string>()
  const company = new Map<string, readonly string[]>()
  const ended = sideBySide(all, signal, async ({ key, promise }, _signal, beside) => {
    running.add(key)
    await promise.finally(() => running.delete(key))
    company.set(key, beside())
  })
  return { running: () => [...running].join(''), company, ended }
}

test('as many go on at the same time as each of them bears', async () => {
  const [a, b, c] = tasks(2, 2, 2)
  const run = start([a!, b!, c!])
  await until(() => run.running() === 'ab')
  a!.resolve()
  await until(() => run.running() === 'bc')
  b!.resolve()
  c!.resolve()
  await run.ended
  expect(Object.fromEntries(run.company)).toEqual({ a: ['b'], b: ['a', 'c'], c: ['b'] })
})

test('one that bears no company has none, whether it comes first or last', async () => {
  const [a, b, c, d] = tasks(5, 1, 5, 5)
  const run = start([a!, b!, c!, d!])
  await until(() => run.running() === 'a')
  a!.resolve()
  await until(() => run.running() === 'b')
  b!.resolve()
  await until(() => run.running() === 'cd')
  c!.resolve()
  d!.resolve()
  await run.ended
  expect(run.company.get('b')).toEqual([])
})

test('a newcomer that bears many does not crowd those who bear fewer', async () => {
  const [a, b, c] = tasks(2, 5, 5)
  const run = start([a!, b!, c!])
  await until(() => run.running() === 'ab')
  a!.resolve()
  await until(() => run.running() === 'bc')
  b!.resolve()
  c!.resolve()
  await run.ended
  expect(run.company.get('a')).toEqual(['b'])
})

test('the first failure gives the others up and is thrown', async () => {
  const all = tasks(2, 2, 2)
  const started: string[] = []
  const work = async ({ key }: Companionable, either: AbortSignal) => {
    started.push(key)
    if (key === 'a') throw new Error('boom')
    await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }))
    throw new Error('given up')
  }
  await expect(sideBySide(all, signal, work)).rejects.toThrow('boom')
  expect(started).toEqual(['a', 'b'])
})
