/** Holds the starting and ending of processes, and the waiting for them, to real processes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ClusterError } from '../errors.ts'
import { groupMembers, isRunning, type ProcessId, processId } from '../processes/process-table.ts'
import { type TemporaryFolder, temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { type RunningProcess, startProcess } from './process.ts'
import { waitUntil } from './ready.ts'

let folder: TemporaryFolder
let logFile: string
const started: RunningProcess[] = []
beforeEach(() => {
  folder = temporaryFolder()
  logFile = join(folder.path, 'a.log')
})
afterEach(async () => {
  for (const each of started.splice(0)) await each.kill()
  folder[Symbol.dispose]()
})

/** A shell script as a member of a cluster. */
async function start(script: string): Promise<RunningProcess> {
  const running = await startProcess({
    name: 'a',
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: process.env.PATH ?? '', GIVEN: 'to it' },
    cwd: folder.path,
    logFile,
    onStart: () => {},
  })
  started.push(running)
  return running
}
const log = () => readFileSync(logFile, 'utf8')
/** So long that reaching it would fail the test. */
const graceMs = 600_000

describe('a process', () => {
  test('has the environment and the folder it was given and nothing else, writes to its log, and is known at once', async () => {
    const known: ProcessId[] = []
    const running = await startProcess({
      name: 'a',
      command: '/bin/sh',
      args: ['-c', 'echo $GIVEN $HOME; pwd >&2'],
      env: { GIVEN: 'to it' },
      cwd: folder.path,
      logFile,
      onStart: (leader) => known.push(leader),
    })
    expect(known).toEqual([{ ...processId(process.pid), pid: running.pid, startedAt: expect.any(String) }])
    expect(await running.ended).toBe('exit code 0')
    expect(running.hasEnded()).toBe(true)
    expect(log()).toMatch(/^to it\n.*test-of-sessionbench/)
  })

  test.each([
    ['what it is given', 'read'.repeat(50_000), 'cat', '200000'],
    ['nothing, when it is given nothing', undefined, 'cat', '0'],
    ['as little as it wants to', 'x'.repeat(200_000), ':', '0'],
  ])('reads on stdin %s', async (_, input, reader, bytes) => {
    const running = await startProcess({
      name: 'a',
      command: '/bin/sh',
      args: ['-c', `${reader} | wc -c`],
      ...(input !== undefined && { input }),
      env: { PATH: process.env.PATH ?? '' },
      cwd: folder.path,
      logFile,
      onStart: () => {},
    })
    expect(await running.ended).toBe('exit code 0')
    expect(log().trim()).toBe(bytes)
  })

  test('that cannot be executed is named', async () => {
    const spec = {
      name: 'nginx',
      command: join(folder.path, 'gone'),
      args: [],
      env: {},
      cwd: folder.path,
      logFile,
    }
    await expect(startProcess({ ...spec, onStart: () => {} })).rejects.toThrow(ClusterError)
    await expect(startProcess({ ...spec, onStart: () => {} })).rejects.toThrow(
      /^nginx: .*gone cannot be executed: .*ENOENT/,
    )
  })

  test('that cannot be noted down is killed', async () => {
    const leaders: ProcessId[] = []
    const starting = startProcess({
      name: 'a',
      command: '/bin/sleep',
      args: ['600'],
      env: {},
      cwd: folder.path,
      logFile,
      onStart(leader) {
        leaders.push(leader)
        throw new Error('no room')
      },
    })
    await expect(starting).rejects.toThrow('no room')
    await until(() => !isRunning(leaders[0]!))
  })

  test('stops on SIGTERM', async () => {
    const running = await start('trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.01; done')
    await until(() => log().includes('ready'))
    await running.stop(graceMs)
    expect(await running.ended).toBe('exit code 3')
    expect(log()).toContain('bye')
    await running.stop(graceMs) // and once more is no error
    await running.kill()
  })

  test('that is being stopped is killed when nobody wants to wait any more', async () => {
    const running = await start('trap "" TERM; echo ready; while :; do sleep 600; done')
    await until(() => log().includes('ready'))
    const impatience = new AbortController()
    const stopping = running.stop(graceMs, impatience.signal)
    impatience.abort()
    await stopping
    expect(await running.ended).toBe('SIGKILL')
  })

  test('that does not want to stop is killed after the grace time, with all it has started', async () => {
    const running = await start('trap "" TERM; sleep 600 & echo ready; while :; do sleep 600; done')
    await until(() => groupMembers(running.pid).length === 3)
    await running.stop(1)
    expect(await running.ended).toBe('SIGKILL')
    await until(() => groupMembers(running.pid).length === 0)
  })

  test('that ends by itself takes with it what it has started, when it is stopped', async () => {
    const running = await start('sleep 600 & exit 0')
    await running.ended
    expect(groupMembers(running.pid)).toHaveLength(1)
    await running.stop(graceMs)
    await until(() => groupMembers(running.pid).length === 0)
  })

  test('that is killed is gone with all it has started', async () => {
    const running = await start('sleep 600 & wait')
    await until(() => groupMembers(running.pid).length === 2)
    await running.kill()
    expect(await running.ended).toBe('SIGKILL')
    await until(() => groupMembers(running.pid).length === 0)
  })
})

test('a process that has ended does not run, even if that has not been reported yet', async () => {
  const running = await start('exec sleep 600')
  expect(running.isRunning()).toBe(true)
  process.kill(running.pid, 'SIGKILL')
  // Without a turn of the event loop, in which the end would be reported.
  while (running.isRunning()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
  expect(running.hasEnded()).toBe(false)
  expect(await running.ended).toBe('SIGKILL')
  expect(running.hasEnded()).toBe(true)
})

describe('a wait', () => {
  const never = new Promise<string>(() => {})
  const wait = {
    name: 'a',
    signal: new AbortController().signal,
    timeoutMs: graceMs,
    ended: never,
    logTail: () => '  last words',
  }

  test('ends when the probe says so', async () => {
    let probes = 0
    await waitUntil(async () => ++probes === 3, wait)
    expect(probes).toBe(3)
  })

  test('fails at once when the process has ended, even if the probe never answers', async () => {
    const running = await start('exit 7')
    const waiting = waitUntil(() => new Promise(() => {}), { ...wait, ended: running.ended })
    await expect(waiting).rejects.toThrow(ClusterError)
    await expect(waiting).rejects.toThrow(
      'a ended (exit code 7) before it was ready; its last words:\n  last words',
    )
  })

  test('fails when the time is up, with the last words', async () => {
    const waiting = waitUntil(async () => false, { ...wait, timeoutMs: 30 })
    await expect(waiting).rejects.toThrow('a was not ready within 0.03 s; its last words:\n  last words')
  })

  test('fails when the time is up although the probe heeds no signal', async () => {
    const waiting = waitUntil(() => new Promise(() => {}), { ...wait, timeoutMs: 30 })
    await expect(waiting).rejects.toThrow('a was not ready within 0.03 s')
  })

  test('ends with the reason of its signal', async () => {
    const controller = new AbortController()
    const waiting = waitUntil(async () => false, { ...wait, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  test('throws what the probe throws', async () => {
    const probe = async () => {
      throw new Error('a defect')
    }
    await expect(waitUntil(probe, wait)).rejects.toThrow('a defect')
  })
})
