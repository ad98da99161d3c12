/** Holds the self-audit to its thresholds, and to what this very process does. */
import { expect, test } from 'vitest'
import { bottleneck, type GeneratorAudit, generatorAudit, startAudit } from './audit.ts'

const calm: GeneratorAudit = { cpuShare: 0.5, cpuMicros: 500_000, eventLoopDelayP99Ms: 6, sendLagP99Ms: null }

test.each<[string, Partial<GeneratorAudit>, RegExp | null]>([
  ['a generator with time to spare', {}, null],
  ['one at its limit of a core', { cpuShare: 0.97 }, /bottleneck \(97 % of a core\)/],
  ['one just below it', { cpuShare: 0.9 }, null],
  ['one that is punctual', { sendLagP99Ms: 12 }, null],
  ['one that sends late', { sendLagP99Ms: 81.4 }, /sent late \(p99 81 ms\)/],
  ['one that sends late and is busy', { cpuShare: 1.1, sendLagP99Ms: 81.4 }, /bottleneck/],
])('%s', (_, change, expected) => {
  const found = bottleneck({ ...calm, ...change })
  if (expected === null) expect(found).toBeNull()
  else expect(found).toMatch(expected)
})

test('a closed loop has no lag, an open one has that of its requests', () => {
  expect(startAudit().finish().sendLagP99Ms).toBeNull()
  const audit = startAudit()
  for (const lagMs of [1, 2, 70]) audit.sent(lagMs)
  const result = audit.finish()
  expect(generatorAudit.parse(result)).toEqual(result)
  expect(result.sendLagP99Ms).toBeCloseTo(70, 0)
  expect(bottleneck(result)).not.toBeNull()
})

test('CPU time of this process is counted', () => {
  const audit = startAudit()
  const before = process.cpuUsage()
  while (process.cpuUsage(before).user < 20_000);
  expect(audit.finish().cpuMicros).toBeGreaterThanOrEqual(20_000)
})
