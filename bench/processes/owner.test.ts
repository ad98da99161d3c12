/** Holds the label of ownership to what may be removed on its word: never what belongs to somebody else. */
import { expect, test } from 'vitest'
import { processId } from '../processes/process-table.ts'
import { startGroup } from '../testing/processes.ts'
import { isAbandoned, type Owner, ownerValue, parseOwner, thisOwner } from './compose-owner.ts'

test('the label says who it was, and can be read again', () => {
  const here = thisOwner()
  expect(parseOwner(ownerValue(here))).toEqual(here)
  expect(ownerValue(parseOwner(ownerValue(here))!)).toBe(ownerValue(here))
})

test.each([undefined, '', 'by-hand', '{', '{}', '{"pid":"1"}', '[1]'])('%j names no owner', (value) => {
  expect(parseOwner(value)).toBeNull()
})

test('what belongs to a living process is not abandoned', async () => {
  expect(isAbandoned(thisOwner())).toBe(false)
})

test('what belonged to a process that was killed is abandoned', async () => {
  const child = await startGroup('echo ready; exec sleep 60')
  await child.line()
  const owner: Owner = { ...thisOwner(), ...processId(child.pid) }
  expect(isAbandoned(owner)).toBe(false)
  await child.kill()
  expect(isAbandoned(owner)).toBe(true)
})

const gone = (): Owner => ({ ...thisOwner(), startedAt: 'never' })

test('what another user left is not ours to remove', () => {
  expect(isAbandoned(gone())).toBe(true)
  expect(isAbandoned({ ...gone(), user: 4242 })).toBe(false)
})

test('of a process in another container nobody here knows whether it runs', () => {
  expect(isAbandoned({ ...gone(), pidNamespace: 'pid:[1]' })).toBe(false)
})

test('what is from before the machine was started is abandoned', () => {
  expect(isAbandoned({ ...thisOwner(), boot: 'an earlier one' })).toBe(true)
})
