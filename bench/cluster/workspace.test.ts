/** Holds the sweep to removing what killed runs have left, and nothing else. */
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EnvironmentError } from '../errors.ts'
import { type Owner, ownerText, thisOwner } from '../processes/owner.ts'
import { groupMembers, groupsWritingBelow, type ProcessId, processId } from '../processes/process-table.ts'
import { startGroup } from '../testing/processes.ts'
import { type TemporaryFolder, temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { openWorkspace, sweepWorkspaces } from './workspace.ts'

/** Other systems do not tell where a process writes. */
const linux = process.platform === 'linux'

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
  belongsTo(path, processId(owner.pid))
  await owner.kill()
  note(path, ...processes)
  return path
}

/** Has the workspace belong to another process than this. */
function belongsTo(path: string, owner: Partial<Owner>): void {
  writeFileSync(join(path, 'owner.json'), ownerText({ ...thisOwner(), ...owner }))
}

function note(path: string, ...processes: readonly ProcessId[]): void {
  appendFileSync(join(path, 'processes.jsonl'), processes.map((id) => `${JSON.stringify(id)}\n`).join(''))
}

/** A leader and its child, of which the child writes below `path`, as members of a cluster do. */
async function startPair(path: string) {
  const log = join(path, 'a.log')
  const leader = await startGroup(`sleep 600 >'${log}' & echo $!; wait`)
  await leader.line()
  await until(() => groupsWritingBelow(path).includes(leader.pid)) // the child has opened its log
  return leader
}

function age(path: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds
  utimesSync(path, then, then)
}

const nothing = { folders: [], processGroups: 0, unknown: [] }

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

test.runIf(linux)(
  'killing all ends every group that was written down, and those of dead leaders',
  async () => {
    using workspace = openWorkspace()
    const one = await startPair(workspace.path)
    const two = await startPair(workspace.path)
    for (const leader of [one, two]) workspace.remember(processId(leader.pid))
    await two.kill()
    workspace.killAll()
    await until(() => groupMembers(one.pid).length + groupMembers(two.pid).length === 0)
    workspace.killAll() // nothing is left to kill, which is no error
  },
)

test.runIf(linux)('what a workspace runs is killed also when somebody has removed the folder', async () => {
  using workspace = openWorkspace()
  const pair = await startPair(workspace.path)
  workspace.remember(processId(pair.pid))
  rmSync(workspace.path, { recursive: true })
  workspace.killAll()
  await until(() => groupMembers(pair.pid).length === 0)
})

test('a workspace whose owner lives is left alone, with what it runs', async () => {
  using workspace = openWorkspace()
  const child = await startGroup('exec sleep 600')
  workspace.remember(processId(child.pid))
  expect(sweepWorkspaces()).toEqual(nothing)
  expect(existsSync(workspace.path)).toBe(true)
  expect(groupMembers(child.pid)).toEqual([child.pid])
})

test.each<[string, Partial<Owner>]>([
  ['in another container', { pidNamespace: 'pid:[1]' }],
  ['on another machine that has the same folder', { boot: 'another', machine: 'another' }],
])('a workspace of a run %s is left alone and named, with what it runs', async (_, owner) => {
  const child = await startGroup('exec sleep 600')
  const path = await abandoned(processId(child.pid))
  belongsTo(path, { ...owner, startedAt: 'never' })
  expect(sweepWorkspaces()).toEqual({ ...nothing, unknown: [path] })
  expect(existsSync(path)).toBe(true)
  expect(groupMembers(child.pid)).toEqual([child.pid])
})

test.runIf(linux)(
  'what a dead owner has left is killed and removed: leaders, and whom dead leaders left',
  async () => {
    const path = await abandoned()
    const whole = await startPair(path)
    const headless = await startPair(path)
    const ended = await startGroup('exec sleep 600')
    note(path, ...[whole, headless, ended].map(({ pid }) => processId(pid)))
    await headless.kill()
    await ended.kill()

    expect(sweepWorkspaces()).toEqual({ folders: [path], processGroups: 2, unknown: [] })
    expect(existsSync(path)).toBe(false)
    await until(() => groupMembers(whole.pid).length + groupMembers(headless.pid).length === 0)
    expect(sweepWorkspaces()).toEqual(nothing)
  },
)

test('a group whose leader has ended is not ours by its number alone', async () => {
  // As a daemon that has got the number, forked and ended: what the number says is true of it as well.
  const stranger = await startGroup('sleep 600 & echo $!; wait')
  await stranger.line()
  await abandoned({ ...processId(stranger.pid), startedAt: 'an earlier start' })
  await stranger.kill()
  expect(sweepWorkspaces()).toMatchObject({ processGroups: 0 })
  expect(groupMembers(stranger.pid)).toHaveLength(1)
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
  expect(sweepWorkspaces()).toEqual({ folders: [path], processGroups: 1, unknown: [] })
  await until(() => groupMembers(child.pid).length === 0)
})

test('a folder that was left while it was being made is removed after a minute, not before', () => {
  const path = join(temporary.path, basename(openWorkspace().path).replace(/.{6}$/, 'abcdef'))
  for (const content of [undefined, '', '{"pid":1']) {
    mkdirSync(path)
    if (content !== undefined) writeFileSync(join(path, 'owner.json'), content)
    expect(sweepWorkspaces()).toEqual(nothing)
    age(path, 120)
    expect(sweepWorkspaces()).toEqual({ folders: [path], processGroups: 0, unknown: [] })
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
  expect(sweepWorkspaces()).toEqual({ folders: [path], processGroups: 0, unknown: [] })
})

test.runIf(linux)(
  'a process that was started but not noted down before the harness was killed is found by its log',
  async () => {
    const path = await abandoned()
    mkdirSync(join(path, 'clusters'))
    const replica = await startGroup(`exec sleep 600 >'${join(path, 'clusters', 'replica-1.log')}'`)
    await until(() => groupsWritingBelow(path).includes(replica.pid))
    expect(sweepWorkspaces()).toEqual({ folders: [path], processGroups: 1, unknown: [] })
    await until(() => groupMembers(replica.pid).length === 0)
  },
)

// A device on which there is never room, for anybody.
test.runIf(existsSync('/dev/full'))('a full temporary folder is named, with what chooses another', () => {
  using workspace = openWorkspace()
  symlinkSync('/dev/full', join(workspace.path, 'processes.jsonl'))
  expect(() => workspace.remember(processId(process.pid))).toThrow(
    `no space left on the device for ${temporary.path}; make room, or choose another folder with TMPDIR`,
  )
})

test.each([
  ['that is missing', 'gone', 'there is no such folder'],
  ['that is a file', 'file', 'it is no folder'],
  ['below a file', 'file/below', 'it is no folder'],
])('a temporary folder %s is named, with what chooses another', (_, name, why) => {
  writeFileSync(join(temporary.path, 'file'), '')
  const path = join(temporary.path, name)
  vi.stubEnv('TMPDIR', path)
  const message = `the temporary folder ${path} cannot be used: ${why}; choose another one with TMPDIR`
  for (const use of [openWorkspace, sweepWorkspaces]) {
    expect(use).toThrow(EnvironmentError)
    expect(use).toThrow(message)
  }
})

// The system takes no files there, from anybody.
test.runIf(linux)('a temporary folder in which nothing can be made is named', () => {
  vi.stubEnv('TMPDIR', '/proc')
  expect(openWorkspace).toThrow(EnvironmentError)
  expect(openWorkspace).toThrow(
    'the temporary folder /proc cannot be used: nothing can be made there; choose',
  )
})

test('a workspace that cannot say whose it is is not left', () => {
  // Files get no bytes there, as on a full disk; folders can be made.
  const script = `const { openWorkspace } = await import(${JSON.stringify(new URL('workspace.ts', import.meta.url).href)}); openWorkspace()`
  const { status, stderr } = spawnSync(
    '/bin/sh',
    ['-c', 'ulimit -f 0; exec "$0" --input-type=module --eval "$1"', process.execPath, script],
    { env: { TMPDIR: temporary.path }, encoding: 'utf8' },
  )
  expect(stderr).toContain('EFBIG')
  expect(status).toBe(1)
  expect(readdirSync(temporary.path)).toEqual([])
})
