/** Who made something that outlives its maker (a folder, a container): written down, read again, and asked whether it still runs. */
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { z } from 'zod'
import { isRunning, processId } from './process-table.ts'

const ownerSchema = z.object({
  pid: z.int().positive(),
  startedAt: z.string().nullable(),
  boot: z.string(),
  /** A fingerprint of the machine's own id; empty where it has none. */
  machine: z.string(),
  /** Process numbers mean something only within it; empty where the system has none. */
  pidNamespace: z.string(),
  user: z.int().nullable(),
})

/** A process of the harness, told apart from those of other machines, boots, containers and users. */
export type Owner = z.infer<typeof ownerSchema>

let self: Owner | undefined

/** This process. */
export function thisOwner(): Owner {
  self ??= {
    ...processId(process.pid),
    machine: machine(),
    pidNamespace: process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : '',
    user: process.getuid?.() ?? null,
  }
  return self
}

/** The id itself is not for others to see (man 5 machine-id). Images that have none yet say `uninitialized`, or nothing. */
function machine(): string {
  try {
    const id = readFileSync('/etc/machine-id', 'utf8').trim()
    if (!/^[0-9a-f]{32}$/.test(id)) return ''
    return createHash('sha256').update(`sessionbench ${id}`).digest('hex').slice(0, 16)
  } catch {
    return ''
  }
}

/** An owner as text: always the same for the same owner. */
export function ownerText({ pid, startedAt, boot, machine, pidNamespace, user }: Owner): string {
  return JSON.stringify({ pid, startedAt, boot, machine, pidNamespace, user })
}

/** Reads such a text; `null` for one that names no process: cut off, or a person's. */
export function parseOwner(text: string | undefined): Owner | null {
  try {
    return ownerSchema.parse(JSON.parse(text ?? ''))
  } catch {
    return null
  }
}

/** The namespace of whatever is in no container (Linux: PROC_PID_INIT_INO, include/linux/proc_ns.h). */
const outsideContainers = 'pid:[4026531836]'

/**
 * Whether the owner still runs. `unknown` when nobody can tell from here: it may run in another container, on another
 * machine that shares the folder or the Docker Engine, or the machine has no id to recognise an earlier boot by. The id
 * does not do within containers: those of one image may all have the same.
 */
export function stateOf(owner: Owner, here: Owner = thisOwner()): 'running' | 'ended' | 'unknown' {
  if (owner.boot === '' || owner.pidNamespace !== here.pidNamespace) return 'unknown'
  if (owner.boot === here.boot) return isRunning(owner) ? 'running' : 'ended'
  const sameMachine = owner.machine !== '' && owner.machine === here.machine
  return sameMachine && here.pidNamespace === outsideContainers ? 'ended' : 'unknown'
}
