/** One real pair, as short as can be: what is counted, and that both sides got the same. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { strategies } from '../../servers/strategies/index.ts'
import { localDriver } from '../cluster/local.ts'
import { openWorkspace } from '../cluster/workspace.ts'
import { seededRandom } from '../stats/random.ts'
import { foundBinaries } from '../testing/binaries.ts'
import { logRatio, metricsOf } from './gate-metrics.ts'
import { defaultSettings, measurePair } from './pair.ts'
import { pairRecord } from './pair-record.ts'
import { readRegistry } from './registry.ts'
import { SideError } from './side.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))
const signal = new AbortController().signal
const redis = strategies.find(({ name }) => name === 'redis')!
const settings = { ...defaultSettings, warmUpMs: 200, settlingMs: 100, pacedMs: 400, ratePerSecond: 200 }
const spec = {
  index: 0,
  order: 'head-first' as const,
  strategy: { base: redis, head: redis },
  control: 'control',
}

async function sides() {
  const workspace = openWorkspace()
  const binaries = foundBinaries()
  const there = await readRegistry('head', project)
  const side = <Name extends 'base' | 'head'>(name: Name) => ({
    side: name,
    driver: localDriver(binaries, workspace, project),
    strategies: there.strategies,
  })
  return { base: side('base'), head: side('head'), [Symbol.dispose]: () => workspace[Symbol.dispose]() }
}

test('both sides get exactly the same requests, and every metric has a value', async () => {
  using both = await sides()
  const pair = await measurePair(both, spec, settings, seededRandom(1), signal)
  expect(pairRecord.parse(pair)).toEqual(pair)
  for (const side of [pair.base, pair.head]) {
    expect(side).toMatchObject({ sent: 80, answered: 80, recognised: 80, answeredAsAnother: 0 })
    expect(side.latency.count).toBe(80)
    expect(side.storeCommands).toBeGreaterThan(80)
  }
  const metrics = metricsOf(pair, { sameNeeds: true, forgets: false })
  // Elsewhere the system accounts for neither CPU time nor memory.
  expect(metrics).toHaveLength(process.platform === 'linux' ? 12 : 7)
  for (const metric of metrics) expect(logRatio(metric, pair)).toBeTypeOf('number')
  // Session ids differ by a few bytes once they are escaped.
  const bytes = metrics.filter(({ name }) => name.startsWith('wireBytes'))
  for (const metric of bytes) expect(Math.abs(logRatio(metric, pair))).toBeLessThan(0.02)
})

test('a side that does not start is named, with its last words', async () => {
  using both = await sides()
  const unknown = { ...redis, name: 'no-such-strategy' }
  const measured = measurePair(
    both,
    { ...spec, strategy: { base: redis, head: unknown } },
    settings,
    seededRandom(1),
    signal,
  )
  await expect(measured).rejects.toThrow(SideError)
  await expect(measured).rejects.toThrow(
    /head: no-such-strategy does not run.*STRATEGY is 'no-such-strategy'/s,
  )
})
