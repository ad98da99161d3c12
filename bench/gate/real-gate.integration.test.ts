/** Whole gates on real clusters, as short as can be: bytes repeat exactly, and a lost login is one, so tiny pairs find them. */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openWorkspace } from '../cluster/workspace.ts'
import { seededRandom } from '../stats/random.ts'
import { foundBinaries } from '../testing/binaries.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { clusterInstruments } from './instruments.ts'
import { openSides } from './open-sides.ts'
import type { SideOfPair } from './pair-record.ts'
import { type GateRequest, planStrategies } from './plan-strategies.ts'
import { scenarios } from './proof/plants.ts'
import { runGate } from './run-gate.ts'
import { shortestSettings } from './testing/settings.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))
const signal = new AbortController().signal
const limit = { timeout: 90_000 }

/** As on a system that accounts for neither CPU time nor memory. */
const untold = (side: SideOfPair): SideOfPair => ({
  ...side,
  memoryBytesPerReplica: null,
  saturated: side.saturated.map((window) => ({
    ...window,
    cpuMicros: { replica: null, nginx: null, store: null },
    replicaMainThreadMicros: null,
  })),
})

/** @param change breaks the copy of the servers in this folder, which is head */
async function gateOn(change: (head: string) => void) {
  using head = temporaryFolder()
  for (const name of ['servers', 'package.json'])
    cpSync(join(project, name), join(head.path, name), { recursive: true })
  symlinkSync(join(project, 'node_modules'), join(head.path, 'node_modules'))
  change(head.path)

  using workspace = openWorkspace()
  const binaries = foundBinaries()
  const checkouts = { base: project, head: head.path, async [Symbol.asyncDispose]() {} }
  const both = await openSides(checkouts, binaries, workspace, signal)
  const request: GateRequest = {
    strategies: ['cookie'],
    control: 'control',
    tolerance: 0.025,
    maxTimeMs: 80_000,
    settings: shortestSettings,
    replicas: 1,
    seed: 1,
  }
  const random = seededRandom(1)
  const plans = planStrategies(both, request, random)
  const real = clusterInstruments(both, request, random, signal)
  const instruments = {
    ...real,
    // On so few requests CPU time would say anything.
    async measurePair(...which: Parameters<typeof real.measurePair>) {
      const pair = await real.measurePair(...which)
      return { ...pair, base: untold(pair.base), head: untold(pair.head) }
    },
    checkLogins: async () => ({ falls: [], compared: 0 }),
  }
  const { verdict, strategies } = await runGate(plans, [], request, instruments, { note() {}, pair() {} })
  return { verdict, strategy: strategies[0]! }
}

/** What each replica of head does with a request, before it answers. */
const onEveryRequest = (code: string) => (head: string) => {
  const file = join(head, 'servers', 'app.ts')
  const text = readFileSync(file, 'utf8')
  const place = "res.setHeader('X-Replica', name)"
  expect(text).toContain(place)
  writeFileSync(file, `let seen = 0\n${text.replace(place, `${place}\n    ${code}`)}`)
}

test('300 bytes of header more in every answer are found after six pairs', limit, async () => {
  const plant = scenarios.find(({ name }) => name === 'header-bytes')!
  const { verdict, strategy } = await gateOn((head) => plant.plant(head, 0))
  expect(verdict).toBe('worse')
  const received = strategy.metrics.find(({ name }) => name === 'wireBytesPerRequest.received')!
  expect(received.verdict).toBe('worse')
  expect(received.head - received.base).toBeGreaterThan(295)
  expect(received.head - received.base).toBeLessThan(305)
})

test.each([
  ['answers with an error', 500],
  ['is a stranger', 401],
])(
  'a head that %s to every tenth reader is worse after two pairs, however little it costs',
  limit,
  async (_, status) => {
    const { verdict, strategy } = await gateOn(
      onEveryRequest(`if (_req.path === '/me' && ++seen % 10 === 0) return void res.sendStatus(${status})`),
    )
    expect(verdict).toBe('worse')
    expect(strategy.pairs).toBe(2)
    expect(strategy.correctness.falls).toMatchObject([
      {
        case: 'under-load',
        metric: 'recognisedShare',
        base: 1,
        note: /of 40 requests were not answered with 200/,
      },
    ])
  },
)

test('a head that ends under load is worse, with its last words', limit, async () => {
  const { verdict, strategy } = await gateOn(
    onEveryRequest("if (++seen > 60) setImmediate(() => { throw new Error('one too many') })"),
  )
  expect(verdict).toBe('worse')
  expect(strategy.correctness.falls).toMatchObject([
    { metric: 'runs', note: /head: cookie.* replica-1 ended by itself.*one too many/s },
  ])
})
