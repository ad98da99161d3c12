/** Holds signals to the group they are meant for, also when its number has been given to somebody else meanwhile. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { startGroup } from '../testing/processes.ts'
import { until } from '../testing/until.ts'
import { killGroup, killGroupOf, type OwnGroup, ownGroup } from './own-group.ts'
import { groupMembers, type ProcessId, processId } from './process-table.ts'

const started: OwnGroup[] = []
afterEach(() => {
  for (const group of started.splice(0)) group.signal('SIGKILL')
})

/** A shell script that leads a group, once it has written a line. */
async function start(script: string, leader?: ProcessId) {
  const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const group = ownGroup(child, leader)
  started.push(group)
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  return { group, ended, members: () => groupMembers(child.pid!) }
}

test('a signal reaches everybody in the group, or its leader alone', async () => {
  const { group, ended, members } = await start(
    'trap "exit 3" USR1; sleep 600 & echo ready; while :; do sleep 0.01; done',
  )
  group.signalLeader('SIGUSR1')
  expect((await ended)[0]).toBe(3)
  await until(() => members().length === 1)
  const whole = await start('sleep 600 & echo ready; wait')
  expect(whole.members()).toHaveLength(2)
  whole.group.signal('SIGKILL')
  await until(() => whole.members().length === 0)
})

test('a signal reaches those whom a leader that has ended has left', async () => {
  const { group, ended, members } = await start('sleep 600 & echo ready')
  await ended
  expect(members()).toHaveLength(1)
  group.signal('SIGKILL')
  await until(() => members().length === 0)
  group.signal('SIGKILL') // to nobody, which is no error
  group.signalLeader('SIGKILL')
})

test('a stranger who has the number of a child that has ended is sent nothing', async () => {
  const stranger = await startGroup('sleep 600 & echo ready; wait')
  await stranger.line()
  const before = { ...processId(stranger.pid), startedAt: 'an earlier start' }
  const { group, ended } = await start('echo ready; read -r _', before)
  const signals = () => {
    group.signal('SIGKILL')
    group.signalLeader('SIGKILL')
    expect(killGroupOf(before)).toBe(false)
  }
  signals()
  await ended
  signals()
  expect(groupMembers(stranger.pid)).toHaveLength(2)
  expect(killGroupOf(processId(stranger.pid))).toBe(true)
  await until(() => groupMembers(stranger.pid).length === 0)
})

test('a group of which none is left that was in it is not ours, though its number is the same', async () => {
  // The stranger's leader has ended as well, so the number alone tells nothing.
  const stranger = await startGroup('sleep 600 & echo ready; wait')
  await stranger.line()
  const before = { ...processId(stranger.pid), startedAt: 'an earlier start' }
  const { group, ended } = await start('echo ready; exit 0', before)
  await ended
  await stranger.kill()
  expect(groupMembers(stranger.pid)).toHaveLength(1)
  group.signal('SIGKILL')
  expect(groupMembers(stranger.pid)).toHaveLength(1)
})

test.each([0, 1, -1])('%d stands for many, and is no group', (number) => {
  expect(() => killGroup(number)).toThrow(RangeError)
})
