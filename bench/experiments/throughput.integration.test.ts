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
const measured = ['control', ...strategies].flatMap((strategy) =>
  cases.map((about) => [strategy, about] as const),
)

test.each(measured)('%s, %s: latencies and CPU time of every tier that is there', (strategy, about) => {
  for (const metric of ['latencyP50Ms', 'latencyP95Ms', 'latencyP99Ms', 'cpuMicrosPerRequest.generator']) {
    expect(found.find(strategy, about, metric).value, metric).toBeGreaterThan(0)
  }
  const cpu = (tier: string) => found.find(strategy, about, `cpuMicrosPerRequest.${tier}`).value!
  expect(cpu('replica')).toBeGreaterThan(0)
  expect(cpu('nginx')).toBeGreaterThan(0)
  if (strategy === 'redis') expect(cpu('store')).toBeGreaterThan(0)
  else expect(cpu('store')).toBe(0)
  expect(cpu('total')).toBeCloseTo(cpu('replica') + cpu('nginx') + cpu('store'), 6)
  expect(found.find(strategy, about, 'latencyP99Ms').value).toBeGreaterThanOrEqual(
    found.find(strategy, about, 'latencyP50Ms').value!,
  )
})

test.each(measured)('%s, %s: every request was answered, and knew its user', (strategy, about) => {
  expect(found.find(strategy, about, 'failedRequests').value).toBe(0)
  expect(found.find(strategy, about, 'recognisedShare').value).toBe(1)
})

test('a ratio is that of the figures it stands beside', () => {
  const rate = (strategy: string, about: string) => found.find(strategy, about, 'requestsPerSecond').value!
  const cpu = (strategy: string) => found.find(strategy, 'me-paced', 'cpuMicrosPerRequest.total').value!
  for (const strategy of strategies) {
    for (const about of ['me-saturated', 'login-saturated']) {
      expect(rate(strategy, about)).toBeGreaterThan(0)
      const ratio = found.find(strategy, about, 'ratioToControl').value
      expect(ratio).toBeCloseTo(rate(strategy, about) / rate('control', about), 9)
    }
    const ratio = found.find(strategy, 'me-paced', 'cpuRatioToControl').value
    expect(ratio).toBeCloseTo(cpu(strategy) / cpu('control'), 9)
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
  const audits = found.all.filter((row: Finding) => row.metric === 'generatorCpuShare')
  expect(audits).toHaveLength(measured.length)
  for (const { value } of audits) expect(value).toBeGreaterThan(0)
})
