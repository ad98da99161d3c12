/** Holds the process table to real processes: this one, its children, and those that are gone. */
import { expect, test } from 'vitest'
import { startGroup } from '../testing/processes.ts'
import { until } from '../testing/until.ts'
import {
  cpuMicros,
  groupListensOn,
  groupMembers,
  isRunning,
  memoryBytes,
  processId,
} from './process-table.ts'

const linux = process.platform === 'linux'
/** Above every limit of a number of a process (Linux: 2^22). */
const nobody = 2 ** 22 + 1

test('this very process runs', () => {
  const id = processId(process.pid)
  expect(id.pid).toBe(process.pid)
  expect(isRunning(id)).toBe(true)
  expect(isRunning(JSON.parse(JSON.stringify(id)))).toBe(true)
})

test('a process that has ended does not, nor does one that never was', async () => {
  const child = await startGroup('exec sleep 600')
  const id = processId(child.pid)
  expect(isRunning(id)).toBe(true)
  await child.kill()
  expect(isRunning(id)).toBe(false)
  const never = processId(nobody)
  expect(never.startedAt).toBeNull()
  expect(isRunning(never)).toBe(false)
})

test('a process under a number that was given out again is not the one of before', () => {
  // What a later process under this number looks like: the same number, another start.
  expect(isRunning({ ...processId(process.pid), startedAt: processId(process.ppid).startedAt })).toBe(false)
  expect(isRunning({ ...processId(process.pid), startedAt: null })).toBe(false)
  expect(isRunning({ ...processId(process.pid), boot: 'another' })).toBe(false)
})

test('a group has its leader and what the leader started, also when the leader is gone', async () => {
  const leader = await startGroup('sleep 600 & echo $!; wait')
  const orphan = Number(await leader.line())
  expect(groupMembers(leader.pid).sort()).toEqual([leader.pid, orphan].sort())
  await leader.kill()
  expect(groupMembers(leader.pid)).toEqual([orphan])
  process.kill(orphan, 'SIGKILL')
  await until(() => groupMembers(leader.pid).length === 0)
  expect(groupMembers(nobody)).toEqual([])
})

// Other systems do not tell.
if (linux) {
  test('who listens on a port is known, also behind a shell, and that nobody does', async () => {
    const listen =
      "const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port))"
    const listener = await startGroup(`"${process.execPath}" -e "${listen}"; :`)
    const port = Number(await listener.line())
    const other = await startGroup('exec sleep 600')
    expect(groupListensOn(listener.pid, port)).toBe(true)
    expect(groupListensOn(other.pid, port)).toBe(false)
    expect(groupListensOn(nobody, port)).toBe(false)
    expect(groupListensOn(listener.pid, 1)).toBeNull()
  })

  test('CPU time is that of a process and of everything below it', async () => {
    const before = cpuMicros(process.pid)!
    const used = process.cpuUsage()
    while (process.cpuUsage(used).user < 30_000);
    expect(cpuMicros(process.pid)! - before).toBeGreaterThanOrEqual(29_000)

    // A shell that waits for a child which works, and one that has waited for a child which had worked.
    const work = 'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done'
    const busy = await startGroup(`sh -c '${work}; echo done; sleep 600'; :`)
    await busy.line()
    const living = cpuMicros(busy.pid)!
    expect(living).toBeGreaterThan(5_000)
    const waited = await startGroup(`sh -c '${work}'; echo done; sleep 600; :`)
    await waited.line()
    expect(cpuMicros(waited.pid)).toBeGreaterThan(5_000)
  })

  test('memory is that of a process and of everything below it', async () => {
    const own = memoryBytes(process.pid)!
    expect(own / process.memoryUsage.rss()).toBeGreaterThan(0.5)
    const leader = await startGroup('sleep 600 & echo $!; wait')
    const child = Number(await leader.line())
    expect(memoryBytes(child)).toBeGreaterThan(0)
    expect(memoryBytes(leader.pid)).toBeGreaterThan(memoryBytes(child)!)
  })
}

test('of a process that has ended nothing is known', async () => {
  expect(cpuMicros(nobody)).toBeNull()
  expect(memoryBytes(nobody)).toBeNull()
})
