/** Holds throughput on real clusters to figures that are there and that can be: which is faster is not for a test to say. */
import { beforeAll, expect, test } from 'vitest'
import type { Finding } from '../record/finding.ts'
import { type Findings, runLocally } from '../testing/local-run.ts'
import { throughput } from './throughput.ts'

const strategies = ['memory-sticky', 'cookie', 'redis']
let found: Findings
beforeAll(async () => {
  found = await runLocally({ experiment: throughput, strategies, replicas: 2, users: 6 })
}, 120_000)

const cases = ['me-saturated', 'me-paced', 'login-saturated', 'login-paced']
const measured = ['control', 'control-twin', ...strategies].flatMap((strategy) =>
  cases.map((about) => [strategy, about] as const),
)

test.each(measured)('%s, %s: latencies and CPU time of every tier that is there', (strategy, about) => {
  const cost = about.endsWith('saturated') ? 'cpuMicrosPerRequest' : 'cpuMicrosPerRequestAtLowRate'
  const cpu = (tier: string) => found.find(strategy, about, `${cost}.${tier}`).value!
  expect(found.find(strategy, about, 'latencyP50Ms').value).toBeGreaterThan(0)
  expect(cpu('replica')).toBeGreaterThan(0)
  expect(cpu('nginx')).toBeGreaterThan(0)
  if (strategy === 'redis') expect(cpu('store')).toBeGreaterThan(0)
  else expect(cpu('store')).toBe(0)
  expect(cpu('total')).toBeCloseTo(cpu('replica') + cpu('nginx') + cpu('store'), 6)
})

test.each(measured)('%s, %s: every request was answered, and knew its user', (strategy, about) => {
  expect(found.find(strategy, about, 'failedRequests').value).toBe(0)
  expect(found.find(strategy, about, 'recognisedShare').value).toBe(1)
})

test('a ratio is that of the figures it stands beside', () => {
  const value = (strategy: string, metric: string) => found.find(strategy, 'me-saturated', metric).value!
  const metrics = [
    ['ratioToControl', 'requestsPerSecond'],
    ['cpuRatioToControl', 'cpuMicrosPerRequest.total'],
  ] as const
  for (const [ratio, metric] of metrics) {
    const [control, twin] = [value('control', metric), value('control-twin', metric)]
    expect(value('control-twin', ratio)).toBeCloseTo(twin / control, 9)
    for (const strategy of strategies) {
      expect(value(strategy, ratio)).toBeCloseTo(value(strategy, metric) / Math.sqrt(control * twin), 9)
    }
  }
})

test('costs of a warm-up this short are called cold, and no order is made of them', () => {
  for (const strategy of strategies) {
    const ratio = found.find(strategy, 'me-saturated', 'ratioToControl')
    expect(ratio.verdict).toBe('unknown')
    expect(ratio.note).toMatch(/^cold/)
  }
})

test('memory is that of a Node process', () => {
  for (const strategy of ['control', ...strategies]) {
    const bytes = found.find(strategy, 'after-all', 'memoryBytesPerReplica').value
    expect(bytes).toBeGreaterThan(20 * 2 ** 20)
    expect(bytes).toBeLessThan(500 * 2 ** 20)
  }
})

test('the generator has watched itself in every window', () => {
  const audits = found.all.filter((row: Finding) =>
    ['generatorCpuShare', 'machineShare.generator'].includes(row.metric),
  )
  expect(audits).toHaveLength(measured.length)
  for (const { value } of audits) expect(value).toBeGreaterThan(0)
})
