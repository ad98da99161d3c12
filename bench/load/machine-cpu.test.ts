/** Holds the reading of /proc/stat to its format. */
import { expect, test } from 'vitest'
import { machineCpu, machineCpuBetween, parseStat, readMachineCpu } from './machine-cpu.ts'

const text = `cpu  10 1 5 900 3 2 4 6 0 0
cpu0 5 1 2 450 1 1 2 3 0 0
cpu1 5 0 3 450 2 1 2 3 0 0
intr 12345
ctxt 99
`

test('idle time and time waiting for disks are not busy, stolen time is told apart', () => {
  expect(parseStat(text)).toEqual({ cores: 2, busyMicros: 220_000, stealMicros: 60_000 })
})

test('what was used between two readings', () => {
  const before = parseStat(text)
  const after = { cores: 2, busyMicros: 520_000, stealMicros: 80_000 }
  expect(machineCpuBetween(before, after)).toEqual({ cores: 2, busyMicros: 300_000, stealMicros: 20_000 })
  expect(machineCpuBetween(null, after)).toBeNull()
})

test('this machine tells where it runs Linux', () => {
  const read = readMachineCpu()
  if (process.platform === 'linux') expect(machineCpu.parse(read).cores).toBeGreaterThan(0)
  else expect(read).toBeNull()
})
