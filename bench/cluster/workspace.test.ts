/** Holds the sweep to removing what killed runs have left, and nothing else. */
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { groupMembers, leadersWritingBelow, type ProcessId, processId } from '../processes/process-table.ts'
import { startGroup } from '../testing/processes.ts'
import { type TemporaryFolder, temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { openWorkspace, sweepWorkspaces } from './workspace.ts'

let temporary: TemporaryFolder
beforeEach(() => {
  temporary = temporaryFolder()
  vi.stubEnv('TMPDIR', temporary.path)
})
afterEach(() => {
  vi.unstubAllEnvs()
  temporary[Symbol.dispose]()
})

/** The workspace of a run that was killed, as it lies there. */
async function abandoned(...processes: readonly ProcessId[]) {
  const { path } = openWorkspace()
  const owner = await startGroup('exec sleep 600')
  writeFileSync(join(path, 'owner.json'), JSON.stringify(processId(owner.pid)))
  await owner.kill()
  writeFileSync(join(path, 'processes.jsonl'), processes.map((id) => `${JSON.stringify(id)}\n`).join(''))
  return path
}

function age(path: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds
  utimesSync(path, then, then)
}

const nothing = { folders: [], processGroups: 0 }

test('a workspace has folders of their own for clusters of the same name, and is gone when disposed of', () => {
  let path: string
  {
    using workspace = openWorkspace()
    path = workspace.path
    const [first, second] = [workspace.folder('redis'), workspace.folder('redis')]
    expect(first).not.toBe(second)
    expect(basename(first)).toMatch(/^redis-/)
    expect(existsSync(first)).toBe(true)
  }
  expect(existsSync(path)).toBe(false)
})

test('killing all ends every group that was written down, those of dead leaders included', async () => {
  using workspace = openWorkspace()
  const one = await startGroup('sleep 600 & echo $!; wait')
  const two = await startGroup('sleep 600 & echo $!; wait')
  for (const leader of [one, two]) workspace.remember(leader.pid)
  await Promise.all([one.line(), two.line()])
  await two.kill()
  workspace.killAll()
  await until(() => groupMembers(one.pid).length + groupMembers(two.pid).length === 0)
  workspace.killAll() // nothing is left to kill, which is no error
})

test('a workspace whose owner lives is left alone, with what it runs', async () => {
  using workspace = openWorkspace()
  const child = await startGroup('exec sleep 600')
  workspace.remember(child.pid)
  expect(sweepWorkspaces()).toEqual(nothing)
  expect(existsSync(workspace.path)).toBe(true)
  expect(groupMembers(child.pid)).toEqual([child.pid])
})

test('what a dead owner has left is killed and removed: leaders, their children, and orphans of dead leaders', async () => {
  const whole = await startGroup('sleep 600 & echo $!; wait')
  const headless = await startGroup('sleep 600 & echo $!; wait')
  const ended = await startGroup('exec sleep 600')
  const path = await abandoned(...[whole, headless, ended].map(({ pid }) => processId(pid)))
  await Promise.all([whole.line(), headless.line()])
  await headless.kill()
  await ended.kill()

  expect(sweepWorkspaces()).toEqual({ folders: [path], processGroups: 2 })
  expect(existsSync(path)).toBe(false)
  await until(() => groupMembers(whole.pid).length + groupMembers(headless.pid).length === 0)
  expect(sweepWorkspaces()).toEqual(nothing)
})

test('a stranger who got the number of a process that had ended is not harmed', async () => {
  const stranger = await startGroup('exec sleep 600')
  await abandoned({ ...processId(process.pid), pid: stranger.pid })
  expect(sweepWorkspaces()).toMatchObject({ processGroups: 0 })
  expect(groupMembers(stranger.pid)).toEqual([stranger.pid])
})

test('what was written down before the machine was restarted names nobody', async () => {
  const stranger = await startGroup('sleep 600 & echo $!; wait')
  await stranger.line()
  const id = processId(stranger.pid)
  await stranger.kill()
  await abandoned({ ...id, boot: 'another' })
  expect(sweepWorkspaces()).toMatchObject({ processGroups: 0 })
  expect(groupMembers(stranger.pid)).toHaveLength(1)
})

test.each([
  '{"pid":12',
  '{"pid":1}',
  '{"pid":0,"startedAt":"1"}',
  '{"pid":-5}',
  '{"pid":1{"pid":2,"startedAt":"3"}',
  '}',
  'null}',
  '\0\0',
])('a line that was cut off names nothing, and hides no other (%j)', async (line) => {
  const child = await startGroup('exec sleep 600')
  const path = await abandoned(processId(child.pid))
  writeFileSync(join(path, 'processes.jsonl'), `${JSON.stringify(processId(child.pid))}\n${line}`)
  expect(sweepWorkspaces()).toEqual({ folders: [path], processGroups: 1 })
  await until(() => groupMembers(child.pid).length === 0)
})

test('a folder that was left while it was being made is removed after a minute, not before', () => {
  const path = join(temporary.path, basename(openWorkspace().path).replace(/.{6}$/, 'abcdef'))
  for (const content of [undefined, '', '{"pid":1']) {
    mkdirSync(path)
    if (content !== undefined) writeFileSync(join(path, 'owner.json'), content)
    expect(sweepWorkspaces()).toEqual(nothing)
    age(path, 120)
    expect(sweepWorkspaces()).toEqual({ folders: [path], processGroups: 0 })
  }
})

test('a folder that somebody else made is never touched, whatever its name and age', () => {
  for (const name of ['sessionbench-results', 'sessionbench-abcdef', 'sessionbench-run-abcdef']) {
    const path = join(temporary.path, name)
    mkdirSync(join(path, 'results'), { recursive: true })
    writeFileSync(join(path, 'results', 'precious'), '')
    age(path, 1_000_000)
  }
  expect(sweepWorkspaces()).toEqual(nothing)
  expect(readdirSync(temporary.path)).toHaveLength(3)
})

test('a link in the place of a folder is not followed', async () => {
  using elsewhere = temporaryFolder()
  const path = await abandoned()
  symlinkSync(elsewhere.path, `${path.slice(0, -6)}abcdef`)
  age(elsewhere.path, 120)
  expect(sweepWorkspaces().folders).toEqual([path])
  expect(existsSync(elsewhere.path)).toBe(true)
})

test("another user's folder is left to that user", async () => {
  const path = await abandoned()
  // Who owns a file can only be changed by root; who asks can be told otherwise by anybody.
  vi.spyOn(process, 'getuid').mockReturnValue((process.getuid?.() ?? 0) + 1)
  expect(sweepWorkspaces()).toEqual(nothing)
  vi.restoreAllMocks()
  expect(sweepWorkspaces()).toEqual({ folders: [path], processGroups: 0 })
})

test.runIf(process.platform === 'linux')(
  'a process that was started but not noted down before the harness was killed is found by its log',
  async () => {
    const path = await abandoned()
    mkdirSync(join(path, 'clusters'))
    const replica = await startGroup(`exec sleep 600 >'${join(path, 'clusters', 'replica-1.log')}'`)
    await until(() => leadersWritingBelow(path).includes(replica.pid))
    expect(sweepWorkspaces()).toEqual({ folders: [path], processGroups: 1 })
    await until(() => groupMembers(replica.pid).length === 0)
  },
)

// A device on which there is never room, for anybody.
test.runIf(existsSync('/dev/full'))('a full temporary folder is named, with what chooses another', () => {
  using workspace = openWorkspace()
  symlinkSync('/dev/full', join(workspace.path, 'processes.jsonl'))
  expect(() => workspace.remember(process.pid)).toThrow(
    `no space left on the device for ${temporary.path}; make room, or choose another folder with TMPDIR`,
  )
})
