/** Holds the self-audit to its thresholds, and to what this very process does. */
import { expect, test } from 'vitest'
import { bottleneck, type GeneratorAudit, generatorAudit, lagDoubt, startAudit } from './audit.ts'
import { Latencies, latencyQuantiles } from './latencies.ts'

const calm: GeneratorAudit = {
  cpuShare: 0.5,
  cpuMicros: 500_000,
  runDelayMicros: 0,
  eventLoopDelayP99Ms: 6,
  sendLag: null,
}

function summaryOf(...ms: readonly number[]) {
  const latencies = new Latencies()
  for (const each of ms) latencies.record(each)
  return latencies.summary()
}

test.each<[string, Partial<GeneratorAudit>, RegExp | null]>([
  ['a generator with time to spare', {}, null],
  ['one at its limit of a core', { cpuShare: 0.97 }, /bottleneck \(97 % of a core\)/],
  ['one just below it', { cpuShare: 0.9 }, null],
  ['one that is punctual', { sendLag: summaryOf(12) }, null],
  ['one that sends late', { sendLag: summaryOf(81.4) }, /sent late \(p99 81 ms\)/],
  ['one that sends late and is busy', { cpuShare: 1.1, sendLag: summaryOf(81.4) }, /sent late/],
  ['one that is busy waiting, and punctual', { cpuShare: 1, sendLag: summaryOf(0.1) }, null],
])('%s', (_, change, expected) => {
  const found = bottleneck({ ...calm, ...change })
  if (expected === null) expect(found).toBeNull()
  else expect(found).toMatch(expected)
})

test('a closed loop has no lag, an open one has that of its requests', () => {
  expect(startAudit().finish().sendLag).toBeNull()
  const audit = startAudit()
  for (const lagMs of [1, 2, 70]) audit.sent(lagMs)
  const result = audit.finish()
  expect(generatorAudit.parse(result)).toEqual(result)
  expect(result.sendLag?.p99Ms).toBeCloseTo(70, 0)
  expect(bottleneck(result)).not.toBeNull()
})

test('CPU time of this process is counted', () => {
  const audit = startAudit()
  const before = process.cpuUsage()
  while (process.cpuUsage(before).user < 20_000);
  expect(audit.finish().cpuMicros).toBeGreaterThanOrEqual(20_000)
})

test('a latency of which the lag of the generator is more than a tenth is in doubt, quantile by quantile', () => {
  const audit = { ...calm, sendLag: summaryOf(0.1, 0.1, 0.1, 3) }
  const latency = summaryOf(2, 2, 2, 20)
  const doubts = latencyQuantiles.map((quantile) => lagDoubt([{ generator: audit, latency }], quantile))
  expect(doubts).toEqual([
    null,
    ...Array(3).fill(expect.stringMatching(/own lag is 3\.\d+ of 20\.\d+ ms at p9/)),
  ])
  expect(lagDoubt([{ generator: calm, latency }], latencyQuantiles[0])).toBeNull()
})

test('the time this process waits for a core is counted where the system tells', () => {
  const audit = startAudit()
  const { runDelayMicros } = audit.finish()
  if (process.platform === 'linux') expect(runDelayMicros).toBeGreaterThanOrEqual(0)
  else expect(runDelayMicros).toBeNull()
})
