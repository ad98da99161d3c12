/**
 * Signals that reach a child and its group, and nobody else.
 *
 * A number outlives its process: once the system has noticed the end of a child, it may give the number to anybody. So
 * the identity of a child is read while the number is certainly its own, and compared before each signal. What is left
 * is the moment between comparing and sending.
 */
import type { ChildProcess } from 'node:child_process'
import { groupMembers, isRunning, type ProcessId, processId } from './process-table.ts'

/** The process group that a child of this process leads (`spawn` with `detached`). */
export interface OwnGroup {
  readonly leader: ProcessId
  /** Sends a signal to the leader alone, unless it has ended. */
  signalLeader(name: NodeJS.Signals): void
  /** Sends a signal to everybody in the group, also when the leader has ended. */
  signal(name: NodeJS.Signals): void
}

/**
 * Call it in the same turn as `spawn`: the end of a child is noticed in a later one, so its number is still its own.
 * @param child has been started, and has a number
 * @param leader its identity
 */
export function ownGroup(child: ChildProcess, leader: ProcessId = processId(child.pid!)): OwnGroup {
  /** Who was in the group when its leader ended: while one of them is in it, its number cannot be another group's. */
  let orphans: readonly ProcessId[] = []
  child.once('exit', () => {
    if (!isGroup(leader.pid)) return
    const members = groupMembers(leader.pid)
    if (!members.includes(leader.pid)) orphans = members.map(processId)
  })
  const hasOrphans = () => {
    if (!orphans.some(isRunning)) return false
    const members = groupMembers(leader.pid)
    return orphans.some((orphan) => members.includes(orphan.pid) && isRunning(orphan))
  }
  return {
    leader,
    signalLeader(name) {
      if (isRunning(leader)) signalTo(leader.pid, name)
    },
    signal(name) {
      if (isRunning(leader) || hasOrphans()) signalTo(-leader.pid, name)
    },
  }
}

/**
 * Kills the group that a process leads, unless that process has ended or its number is another's by now.
 * @returns whether there was anybody to kill
 */
export function killGroupOf(leader: ProcessId): boolean {
  return isRunning(leader) && killGroup(leader.pid)
}

/** Kills a group that is known to be the right one at this moment. @returns whether there was anybody to kill */
export function killGroup(group: number): boolean {
  return signalTo(-group, 'SIGKILL')
}

/** Cheaper than asking for its members. */
function isGroup(number: number): boolean {
  try {
    return process.kill(-number, 0)
  } catch {
    return false // there is none, or it is somebody else's
  }
}

/** @param target a process, or minus the number of a group @returns whether there was such a one */
function signalTo(target: number, name: NodeJS.Signals): boolean {
  if (Math.abs(target) <= 1) throw new RangeError(`${target} stands for many, and is no process or group`)
  try {
    return process.kill(target, name)
  } catch (error) {
    // Ended in this very moment.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
