/** Reads the operating system's process table: who runs, in which group, since when, at what cost. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { endianness } from 'node:os'

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessId {
  readonly pid: number
  /** When it was started, in a form only good for comparing; `null` when there was no such process. */
  readonly startedAt: string | null
  /** Changes with every start of the machine, after which numbers begin again; empty where the system does not tell. */
  readonly boot: string
}

/** The identity of a process that runs now, or whose end its parent has not noticed yet. */
export function processId(pid: number): ProcessId {
  return { pid, startedAt: startedAt(pid, 'zombies too'), boot }
}

/** Whether this very process still runs (a zombie does not). */
export function isRunning(id: ProcessId): boolean {
  return id.startedAt !== null && id.boot === boot && startedAt(id.pid) === id.startedAt
}

const linux = process.platform === 'linux'

const boot = bootId()

/** Where it is empty a start time is a date at least, which no other boot repeats. */
function bootId(): string {
  if (linux) return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  if (process.platform !== 'darwin') return ''
  try {
    return execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

function startedAt(pid: number, which?: 'zombies too'): string | null {
  if (linux) return stat(pid, which)?.startTicks ?? null
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null
  } catch {
    return null // ps exits with 1 when there is no such process
  }
}

/** The numbers of the living processes of a group. */
export function groupMembers(group: number): number[] {
  if (linux) return allPids().filter((pid) => stat(pid)?.group === group)
  const rows = execFileSync('ps', ['-axo', 'pid=,pgid='], { encoding: 'utf8' }).trim().split('\n')
  return rows.flatMap((row) => {
    const [pid, pgid] = row.trim().split(/\s+/).map(Number)
    return pgid === group && pid !== undefined ? [pid] : []
  })
}

/**
 * The groups of which a member's standard output or error goes to a file below `folder`; none where the system does not
 * tell.
 * @param folder without symbolic links in its path
 */
export function groupsWritingBelow(folder: string): number[] {
  if (!linux) return []
  const writes = (pid: number) => [1, 2].some((output) => openedAs(pid, output).startsWith(`${folder}/`))
  const groups = allPids()
    .filter(writes)
    .map((pid) => stat(pid)?.group ?? 0)
  // 0: it has ended, or its group lies outside of this container. 1 stands for everybody where groups are signalled.
  return [...new Set(groups)].filter((group) => group > 1)
}

/** What a descriptor of a process leads to; empty when it has ended, or belongs to somebody else. */
function openedAs(pid: number, descriptor: number | string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`)
  } catch {
    return ''
  }
}

/**
 * Whether somebody in this process group listens on a port of 127.0.0.1; `null` where the system does not tell, or nobody
 * listens there.
 */
export function groupListensOn(group: number, port: number): boolean | null {
  if (!linux) return null
  const sockets = listeningSockets(port)
  if (sockets.length === 0) return null
  return groupMembers(group).some((pid) =>
    descriptorsOf(pid).some((descriptor) => sockets.includes(openedAs(pid, descriptor))),
  )
}

/** 127.0.0.1 as the kernel prints it, in the byte order of the machine. */
const loopback = endianness() === 'LE' ? '0100007F' : '7F000001'
/** TCP_LISTEN (include/net/tcp_states.h). */
const listening = '0A'

/** The sockets that listen on a port of 127.0.0.1, as descriptors name them. */
function listeningSockets(port: number): string[] {
  const address = `${loopback}:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let table: string
  try {
    table = readFileSync('/proc/net/tcp', 'utf8')
  } catch {
    return [] // not every sandbox shows it
  }
  // Columns: number, local address, remote address, state, five more, inode (man 5 proc_net).
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local === address && state === listening)
    .map((columns) => `socket:[${columns[9]}]`)
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
  } catch {
    return [] // it has ended, or belongs to somebody else
  }
}

/**
 * CPU time that a process, its living descendants and its ended, waited-for children have used, in microseconds;
 * `null` where the system does not tell (not Linux, or the process has ended).
 * Threads are read from `schedstat`, which counts nanoseconds; `stat` counts clock ticks of 10 ms, too coarse for a
 * window of a second, and is used only for children that have ended.
 */
export function cpuMicros(pid: number): number | null {
  if (!linux) return null
  try {
    let nanos = 0
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanos += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0])
    }
    const ofEnded = (stat(pid)?.waitedForTicks ?? 0) * microsPerTick
    const ofLiving = children(pid).reduce((sum, child) => sum + (cpuMicros(child) ?? 0), 0)
    return nanos / 1000 + ofEnded + ofLiving
  } catch (error) {
    return gone(error)
  }
}

/** CPU time that the first thread of a process has used, in microseconds; `null` where the system does not tell. */
export function mainThreadCpuMicros(pid: number): number | null {
  if (!linux) return null
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ', 1)[0]) / 1000
  } catch (error) {
    return gone(error)
  }
}

/** USER_HZ, in which /proc/PID/stat counts: 100 on every Linux architecture Node runs on. */
const microsPerTick = 10_000

/** Resident memory of a process and its living descendants in bytes; `null` where the system does not tell. */
export function memoryBytes(pid: number): number | null {
  if (!linux) return null
  try {
    const kibibytes = Number(
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0,
    )
    return kibibytes * 1024 + children(pid).reduce((sum, child) => sum + (memoryBytes(child) ?? 0), 0)
  } catch (error) {
    return gone(error)
  }
}

function children(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

interface Stat {
  readonly group: number
  readonly startTicks: string
  readonly waitedForTicks: number
}

/** Fields of /proc/PID/stat (man 5 proc); `null` when there is no such process or, unless asked for, it is a zombie. */
function stat(pid: number, which?: 'zombies too'): Stat | null {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    return gone(error)
  }
  // The name stands in parentheses and may hold anything; the fields from the third on come after the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => fields[number - 3] ?? ''
  if (which === undefined && (field(3) === 'Z' || field(3) === 'X')) return null
  return {
    group: Number(field(5)),
    startTicks: field(22),
    waitedForTicks: Number(field(16)) + Number(field(17)),
  }
}

/** `null` for a process that has ended in the meantime; anything else is thrown on. */
function gone(error: unknown): null {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ESRCH') return null
  throw error
}
