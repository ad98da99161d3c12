/** Holds ownership to what may be removed on its word: never what may belong to somebody who still runs. */
import { expect, test } from 'vitest'
import { startGroup } from '../testing/processes.ts'
import { type Owner, ownerText, parseOwner, stateOf, thisOwner } from './owner.ts'
import { processId } from './process-table.ts'

test('an owner can be written down and read again, always as the same text', () => {
  const here = thisOwner()
  expect(parseOwner(ownerText(here))).toEqual(here)
  expect(ownerText(parseOwner(ownerText(here))!)).toBe(ownerText(here))
})

test.each([undefined, '', 'by-hand', '{', '{}', '{"pid":"1"}', '[1]', 'null', '{"pid":12,"startedAt":"1"}'])(
  '%j names no owner',
  (text) => {
    expect(parseOwner(text)).toBeNull()
  },
)

test("the machine's id itself is told to nobody", () => {
  expect(thisOwner().machine).toMatch(/^([0-9a-f]{16})?$/)
})

test('a process runs until it is killed', async () => {
  const child = await startGroup('echo ready; exec sleep 600')
  await child.line()
  const owner: Owner = { ...thisOwner(), ...processId(child.pid) }
  expect(stateOf(owner)).toBe('running')
  await child.kill()
  expect(stateOf(owner)).toBe('ended')
  expect(stateOf(thisOwner())).toBe('running')
})

/** Whoever asks, on a machine with an id and in no container; and one of the same machine and boot that has ended. */
const here: Owner = { ...thisOwner(), machine: 'a machine', pidNamespace: 'pid:[4026531836]' }
const gone: Owner = { ...here, startedAt: 'never' }

test.each<[string, Partial<Owner>, Partial<Owner>, ReturnType<typeof stateOf>]>([
  ['of this boot', {}, {}, 'ended'],
  ['in another container of this boot', { pidNamespace: 'pid:[4026532456]' }, {}, 'unknown'],
  ['outside, asked in a container', {}, { pidNamespace: 'pid:[4026532456]' }, 'unknown'],
  ['of an earlier boot of this machine', { boot: 'earlier' }, {}, 'ended'],
  ['of another machine', { boot: 'other', machine: 'another' }, {}, 'unknown'],
  ['of this boot, though the machine has another id meanwhile', { machine: 'another' }, {}, 'ended'],
  [
    'of an earlier boot, or of another machine without an id',
    { boot: 'other', machine: '' },
    { machine: '' },
    'unknown',
  ],
  [
    'of an earlier boot, or of another machine with a container of the same image',
    { boot: 'other', pidNamespace: 'pid:[4026532456]' },
    { pidNamespace: 'pid:[4026532456]' },
    'unknown',
  ],
  ['of an earlier boot in a container', { boot: 'earlier', pidNamespace: 'pid:[4026532456]' }, {}, 'unknown'],
  ['where the system tells no boot', { boot: '' }, { boot: '' }, 'unknown'],
])('whether an owner that has ended is known to have: %s', (_, owner, asking, state) => {
  expect(stateOf({ ...gone, ...owner }, { ...here, ...asking })).toBe(state)
})
