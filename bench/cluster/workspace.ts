/** The one temporary folder of a run: what was started is written down in it, so that a killed run can be cleaned up after. */
import {
  appendFileSync,
  existsSync,
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
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { EnvironmentError, systemCode, withRoom } from '../errors.ts'
import { killGroup, killGroupOf } from '../processes/own-group.ts'
import { ownerText, parseOwner, stateOf, thisOwner } from '../processes/owner.ts'
import { groupsWritingBelow, type ProcessId } from '../processes/process-table.ts'

const prefix = 'sessionbench-run-'
/** `mkdtemp` puts six characters after the prefix. */
const ownName = new RegExp(`^${prefix}[A-Za-z0-9]{6}$`)
const ownerFile = 'owner.json'
const processesFile = 'processes.jsonl'

/** A folder for the files of one run of the harness, and the list of the process groups it has started. */
export interface Workspace extends Disposable {
  readonly path: string
  /** Writes down that the group led by this process belongs to this run; call it right after the process was started. */
  remember(leader: ProcessId): void
  /** A new empty folder inside, named after `name`. */
  folder(name: string): string
  /** Kills every process group that was written down, at once; for the way out that has no time. */
  killAll(): void
}

/** Makes the folder. @throws {EnvironmentError} when nothing can be made in the temporary folder */
export function openWorkspace(): Workspace {
  const write = <T>(what: () => T): T => withRoom(tmpdir(), 'TMPDIR', what)
  const path = write(() => inTemporary(() => mkdtempSync(join(tmpdir(), prefix))))
  const dispose = () => rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  try {
    write(() => writeFileSync(join(path, ownerFile), ownerText(thisOwner())))
  } catch (error) {
    dispose() // nobody would know whose it is
    throw error
  }
  return {
    path,
    remember(leader) {
      write(() => appendFileSync(join(path, processesFile), `${JSON.stringify(leader)}\n`))
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
    [Symbol.dispose]: dispose,
  }
}

/** @throws {EnvironmentError} naming the temporary folder when it is missing, or may not be used */
function inTemporary<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const why = {
      ENOENT: existsSync(tmpdir()) ? 'nothing can be made there' : 'there is no such folder',
      ENOTDIR: 'it is no folder',
      EACCES: 'you may not',
      EPERM: 'you may not',
      EROFS: 'it is read-only',
    }[systemCode(cause) ?? '']
    if (why === undefined) throw cause
    throw new EnvironmentError(
      `the temporary folder ${tmpdir()} cannot be used: ${why}; choose another one with TMPDIR`,
      { cause },
    )
  }
}

/** What a sweep found. */
export interface Swept {
  /** That were removed. */
  readonly folders: readonly string[]
  /** That were still running, and were killed. */
  readonly processGroups: number
  /** Folders of which nobody can tell from here whether they are in use: they were left alone. */
  readonly unknown: readonly string[]
}

/**
 * Removes what runs that were killed (`kill -9`) have left: their process groups and their folders.
 * A run that is still going on, of whichever terminal, is left alone, as is what belongs to another user, and what may be
 * in use in another container or on another machine.
 * @throws {EnvironmentError} when the temporary folder cannot be read
 */
export function sweepWorkspaces(): Swept {
  const folders: string[] = []
  const unknown: string[] = []
  let processGroups = 0
  for (const entry of inTemporary(() => readdirSync(tmpdir()))) {
    if (!ownName.test(entry)) continue
    const path = join(tmpdir(), entry)
    const state = stateOfFolder(path)
    if (state === 'unknown') unknown.push(path)
    if (state !== 'ended') continue
    processGroups += killGroups(path)
    rmSync(path, { recursive: true, force: true, maxRetries: 5 })
    folders.push(path)
  }
  return { folders, processGroups, unknown }
}

/** Whether its owner still runs; `null` for what is none of our business. */
function stateOfFolder(path: string): ReturnType<typeof stateOf> | null {
  const facts = lstatSync(path, { throwIfNoEntry: false })
  if (facts === undefined || !facts.isDirectory() || facts.uid !== process.getuid?.()) return null
  const owner = parseOwner(textOf(join(path, ownerFile)))
  if (owner !== null) return stateOf(owner)
  // Without an owner it is either being made this very moment, so it is given a minute, or was left half made, and then
  // there is nothing else in it; whatever has been put in there by others is theirs.
  const isHalfMade = readdirSync(path).every((name) => name === ownerFile)
  return isHalfMade && Date.now() - facts.mtimeMs > 60_000 ? 'ended' : null
}

/** @returns how many groups still had a process */
function killGroups(path: string): number {
  const killed = new Set<number>()
  for (const leader of notedIn(path)) if (killGroupOf(leader)) killed.add(leader.pid)
  // A group whose leader has ended, or that was started but not yet noted down when the harness was killed, is known by
  // its log. By its number alone it could be anybody's.
  const folder = join(realpathSync(dirname(path)), basename(path)) // it may have been removed itself
  for (const group of groupsWritingBelow(folder)) {
    if (!killed.has(group) && killGroup(group)) killed.add(group)
  }
  return killed.size
}

const leaderSchema = z.object({ pid: z.int().min(2), startedAt: z.string().nullable(), boot: z.string() })

/** The leaders that were written down; a line that was cut off by a kill or a full disk names nobody. */
function notedIn(path: string): ProcessId[] {
  return textOf(join(path, processesFile))
    .split('\n')
    .flatMap((line) => {
      try {
        return [leaderSchema.parse(JSON.parse(line))]
      } catch {
        return []
      }
    })
}

/** Empty when there is no such file. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return ''
    throw error
  }
}
