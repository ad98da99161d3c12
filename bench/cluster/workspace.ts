/** The one temporary folder of a run: what was started is written down in it, so that a killed run can be cleaned up after. */
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withRoom } from '../errors.ts'
import {
  groupMembers,
  isOfThisBoot,
  isRunning,
  leadersWritingBelow,
  type ProcessId,
  processId,
} from '../processes/process-table.ts'

const prefix = 'sessionbench-run-'
/** `mkdtemp` puts six characters after the prefix. */
const ownName = new RegExp(`^${prefix}[A-Za-z0-9]{6}$`)
const ownerFile = 'owner.json'
const processesFile = 'processes.jsonl'

/** A folder for the files of one run of the harness, and the list of the process groups it has started. */
export interface Workspace extends Disposable {
  readonly path: string
  /** Writes down that the group led by `pid` belongs to this run; call it right after the process was started. */
  remember(pid: number): void
  /** A new empty folder inside, named after `name`. */
  folder(name: string): string
  /** Kills every process group that was written down, at once; for the way out that has no time. */
  killAll(): void
}

/** Makes the folder. @throws the system's error when the temporary directory cannot be written to */
export function openWorkspace(): Workspace {
  const write = <T>(what: () => T): T => withRoom(tmpdir(), 'TMPDIR', what)
  const path = write(() => mkdtempSync(join(tmpdir(), prefix)))
  write(() => writeFileSync(join(path, ownerFile), JSON.stringify(processId(process.pid))))
  return {
    path,
    remember(pid) {
      write(() => appendFileSync(join(path, processesFile), `${JSON.stringify(processId(pid))}\n`))
    },
    folder(name) {
      return write(() => {
        mkdirSync(join(path, 'clusters'), { recursive: true })
        return mkdtempSync(join(path, 'clusters', `${name}-`))
      })
    },
    killAll() {
      killGroups(path)
    },
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** What a sweep found and removed. */
export interface Swept {
  readonly folders: readonly string[]
  readonly processGroups: number
}

/**
 * Removes what runs that were killed (`kill -9`) have left: their process groups and their folders.
 * A run that is still going on, of whichever terminal, is left alone, as is what belongs to another user.
 */
export function sweepWorkspaces(): Swept {
  const folders: string[] = []
  let processGroups = 0
  for (const entry of readdirSync(tmpdir())) {
    if (!ownName.test(entry)) continue
    const path = join(tmpdir(), entry)
    if (!isAbandoned(path)) continue
    processGroups += killGroups(path)
    rmSync(path, { recursive: true, force: true, maxRetries: 5 })
    folders.push(path)
  }
  return { folders, processGroups }
}

function isAbandoned(path: string): boolean {
  const facts = lstatSync(path, { throwIfNoEntry: false })
  if (facts === undefined || !facts.isDirectory() || facts.uid !== process.getuid?.()) return false
  const owner = readIds(join(path, ownerFile))[0]
  if (owner !== undefined) return !isRunning(owner)
  // Without an owner it is either being made this very moment, so it is given a minute, or was left half made, and then
  // there is nothing else in it; whatever has been put in there by others is theirs.
  return Date.now() - facts.mtimeMs > 60_000 && readdirSync(path).every((name) => name === ownerFile)
}

/** @returns how many groups still had a process */
function killGroups(path: string): number {
  let killed = 0
  const noted = readIds(join(path, processesFile))
  for (const leader of noted) {
    // The number of a group stays taken while it has a member. If the leader is gone the members are ours still; if
    // another process runs under the leader's number, the group has ended and the number was given out again.
    const members = groupMembers(leader.pid)
    const leaderLives = members.includes(leader.pid)
    if (members.length === 0 || !isOfThisBoot(leader) || (leaderLives && !isRunning(leader))) continue
    if (killGroup(leader.pid)) killed += 1
  }
  // What a kill of the harness left started but not yet noted down writes its log here.
  for (const leader of leadersWritingBelow(realpathSync(path))) {
    if (!noted.some(({ pid }) => pid === leader) && killGroup(leader)) killed += 1
  }
  return killed
}

/** @returns whether there was still a process to kill */
function killGroup(leader: number): boolean {
  try {
    process.kill(-leader, 'SIGKILL')
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ESRCH') return false // ended in this very moment
    throw error
  }
}

function readIds(file: string): ProcessId[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return text.split('\n').flatMap((line) => parseId(line) ?? [])
}

/** `null` for a line that was cut off by a kill or a full disk: it names nobody. */
function parseId(line: string): ProcessId | null {
  try {
    const { pid, startedAt, boot } = JSON.parse(line) as ProcessId
    return Number.isInteger(pid) && pid > 1 ? { pid, startedAt, boot } : null
  } catch {
    return null
  }
}
