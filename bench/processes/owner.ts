/** The label by which a container, network or volume says which process of the harness it belongs to. */
import { readlinkSync } from 'node:fs'
import { isOfThisBoot, isRunning, type ProcessId, processId } from '../processes/process-table.ts'

/** Name of the label; docker-compose.yml gives it to everything. What a person started by hand has no owner in it. */
export const ownerLabel = 'sessionbench.owner'

/** A process of the harness, told apart from those of other boots, users and containers. */
export interface Owner extends ProcessId {
  readonly user: number | null
  /** Process numbers mean something only within it; empty where the system has none. */
  readonly pidNamespace: string
}

let self: Owner | undefined

/** This process. */
export function thisOwner(): Owner {
  self ??= {
    ...processId(process.pid),
    user: process.getuid?.() ?? null,
    pidNamespace: process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : '',
  }
  return self
}

/** The label's value for an owner: always the same text for the same owner. */
export function ownerValue({ pid, startedAt, boot, user, pidNamespace }: Owner): string {
  return JSON.stringify({ pid, startedAt, boot, user, pidNamespace })
}

/** Reads the label; `null` for a value that names no process, such as that of a cluster started by hand. */
export function parseOwner(value: string | undefined): Owner | null {
  if (!value?.startsWith('{')) return null
  try {
    const { pid, startedAt, boot, user, pidNamespace } = JSON.parse(value) as Owner
    return typeof pid === 'number' ? { pid, startedAt, boot, user, pidNamespace } : null
  } catch {
    return null
  }
}

/**
 * Whether the owner has ended and what it left may be removed. Not that of another user, nor of a process in another
 * container, of which nobody here can say whether it still runs.
 */
export function isAbandoned(owner: Owner, here: Owner = thisOwner()): boolean {
  if (owner.user !== here.user) return false
  if (!isOfThisBoot(owner)) return true
  return owner.pidNamespace === here.pidNamespace && !isRunning(owner)
}
