/** A whole gate on real clusters, as short as can be: bytes repeat exactly, so even tiny pairs find them. */
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { findBinaries } from '../binaries/find.ts'
import { openWorkspace } from '../cluster/workspace.ts'
import { seededRandom } from '../stats/random.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { clusterInstruments } from './instruments.ts'
import { openSides } from './open-sides.ts'
import { defaultSettings } from './pair.ts'
import { type GateRequest, planStrategies } from './plan-strategies.ts'
import { scenarios } from './proof/plants.ts'
import { runGate } from './run-gate.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))
const signal = new AbortController().signal

test('300 bytes of header more in every answer are found after six pairs', { timeout: 90_000 }, async () => {
  using head = temporaryFolder()
  for (const name of ['servers', 'package.json'])
    cpSync(join(project, name), join(head.path, name), { recursive: true })
  symlinkSync(join(project, 'node_modules'), join(head.path, 'node_modules'))
  scenarios.find(({ name }) => name === 'header-bytes')!.plant(head.path, 0)

  using workspace = openWorkspace()
  const binaries = await findBinaries(['nginx', 'redis-server'], { signal })
  const checkouts = { base: project, head: head.path, async [Symbol.asyncDispose]() {} }
  const both = await openSides(checkouts, binaries, workspace)
  const request: GateRequest = {
    strategies: ['cookie'],
    control: 'control',
    tolerance: 0.025,
    maxTimeMs: 80_000,
    settings: {
      ...defaultSettings,
      replicas: 1,
      warmUpMs: 100,
      settlingMs: 50,
      pacedMs: 200,
      ratePerSecond: 200,
    },
    replicas: 1,
    seed: 1,
    accounting: false, // on so few requests CPU time would say anything
  }
  const random = seededRandom(1)
  const plans = planStrategies(both, request, random)
  const instruments = {
    ...clusterInstruments(both, request, random, signal),
    checkLogins: async () => ({ falls: [], compared: 0 }),
  }
  const { verdict, strategies } = await runGate(plans, [], request, instruments, { note() {}, pair() {} })
  expect(verdict).toBe('worse')
  const received = strategies[0]!.metrics.find(({ name }) => name === 'wireBytesPerRequest.received')!
  expect(received.verdict).toBe('worse')
  expect(received.head - received.base).toBeGreaterThan(295)
  expect(received.head - received.base).toBeLessThan(305)
})
