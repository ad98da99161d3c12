import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../bench/stats/random.ts'
import { damages, damagesOfRecord } from './damage.ts'

const text = JSON.stringify({
  schemaVersion: 2,
  id: 'x',
  status: 'complete',
  reason: '',
  versions: { nginx: '1.22.1' },
  machine: { cpuModel: 'Some CPU' },
  none: null,
  trials: [
    { id: 'memory', status: 'done', strategies: ['memory'], failures: [], count: 3 },
    { id: 'redis', status: 'failed', strategies: ['redis'], failures: [], count: 0.5 },
  ],
})
const seeds = Array.from({ length: 50 }, (_, seed) => seed)
const damaged = (name: string, seed: number, of = text) =>
  [...damages, ...damagesOfRecord('../../../bait')]
    .find((one) => one.name === name)!
    .apply(of, seededRandom(seed))

describe.each([...damages, ...damagesOfRecord('../../../bait')].map(({ name }) => name))('%s', (name) => {
  test('changes the file, each time the same way for the same seed', () => {
    for (const seed of seeds) {
      const result = damaged(name, seed)
      expect(result).not.toBeNull()
      expect(result).not.toBe(text)
      expect(damaged(name, seed)).toBe(result)
    }
  })
})

test('a truncated file is no JSON any more', () => {
  for (const seed of seeds) expect(() => JSON.parse(damaged('truncated', seed)!)).toThrow()
})

test('a negated number is the only change', () => {
  for (const seed of seeds) expect(damaged('negated number', seed)!.replace(/:-/, ':')).toBe(text)
})

test('a number without end becomes infinite when it is read', () => {
  for (const seed of seeds) {
    const result = damaged('number without end', seed)!
    expect(result).toContain('1e999')
    expect(() => JSON.parse(result)).not.toThrow()
  }
})

test('where there is nothing to damage there is no damage', () => {
  expect(damaged('negated number', 1, '{"a":"b"}')).toBeNull()
  expect(damaged('a trial outside the folder', 1, '{"schemaVersion":2,"trials":[]}')).toBeNull()
})

test('a trial outside the folder is asked for by its path', () => {
  const { trials } = JSON.parse(damaged('a trial outside the folder', 1)!) as { trials: { id: string }[] }
  expect(trials[0]!.id).toBe('../../../bait')
})
