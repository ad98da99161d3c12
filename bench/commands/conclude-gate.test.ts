/** Holds the end of a gate to this: what it answers is what was written down, and without that there is no answer. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createGateFolder, readGate } from '../gate/gate-folder.ts'
import type { GateVerdict } from '../gate/gate-record.ts'
import { strategyWith } from '../gate/testing/gate-record.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { concludeGate, type GateSetting, gateExitCode } from './conclude-gate.ts'
import type { Terminal } from './terminal.ts'

const setting: GateSetting = {
  id: '2026-01-02-030405-abcd',
  startedAt: new Date('2026-01-02T03:04:05.678Z'),
  seed: 1,
  base: { commit: '0123456789abcdef', described: 'where it left \u001b[2Jmain' },
  replicas: 3,
  maxTimeMs: null,
  programs: { nginx: '1.22.1' },
}
const outcome = (verdict: GateVerdict) => ({
  verdict,
  strategies: [strategyWith({ verdict })],
  timing: { wallMs: 3, correctnessMs: 1, pairsMs: 2 },
})
const terminal = { say() {}, command() {} } as unknown as Terminal

test('the answer is what was written, with its texts made harmless', () => {
  using out = temporaryFolder()
  const folder = createGateFolder(out.path, setting.id, () => {})
  const { path, record } = concludeGate(setting, outcome('worse'), folder, terminal)
  expect(record).toEqual(readGate(path))
  expect(record).toMatchObject({ verdict: 'worse', base: { described: 'where it left main' } })
})

test('what cannot be written, or does not follow, is no verdict', () => {
  using out = temporaryFolder()
  const folder = createGateFolder(out.path, setting.id, () => {})
  expect(() => concludeGate(setting, { ...outcome('worse'), verdict: 'fine' }, folder, terminal)).toThrow(
    'does not follow',
  )
  mkdirSync(join(folder.path, 'gate.json'))
  expect(() => concludeGate(setting, outcome('fine'), folder, terminal)).toThrow()
})

test.each([
  ['fine', false, 0],
  ['fine', true, 0],
  ['undecided', false, 0],
  ['undecided', true, 99],
  ['worse', false, 99],
  ['worse', true, 99],
] as const)('%s, strict: %s: exit code %d', (verdict, strict, code) => {
  expect(gateExitCode({ verdict }, strict)).toBe(code)
})
