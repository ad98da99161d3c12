/** Finds the processes that were started in one scene, whoever is their parent by now: all of them carry its path. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** What a process is to a cluster. */
export type Role = 'replica' | 'store' | 'nginx' | 'other'

export interface SceneProcess {
  readonly pid: number
  readonly role: Role
  /** `replica-2`, `nginx`, `redis`; otherwise its command line. */
  readonly name: string
}

/**
 * Those whose environment, arguments, working folder or output mention `path`. A zombie has none of these and is not
 * among them, nor is this process.
 */
export function processesOf(path: string): SceneProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const commandLine = read(`/proc/${pid}/cmdline`)
      const environment = read(`/proc/${pid}/environ`)
      const places = ['cwd', 'fd/1', 'fd/2'].map((link) => target(`/proc/${pid}/${link}`))
      if (![commandLine, environment, ...places].some((text) => text.includes(path))) return []
      return [describeProcess(Number(pid), commandLine, environment)]
    })
}

/**
 * Pure.
 * @param commandLine of /proc/PID/cmdline
 * @param environment of /proc/PID/environ: texts that end with a NUL each
 */
export function describeProcess(pid: number, commandLine: string, environment: string): SceneProcess {
  const line = commandLine.replaceAll('\0', ' ').trim()
  if (/[/ ]servers\/replica\.ts\b/.test(line)) {
    const name = /(?:^|\0)REPLICA_NAME=([^\0]*)/.exec(environment)?.[1] ?? 'replica'
    return { pid, role: 'replica', name }
  }
  if (/^nginx: master process/.test(line)) return { pid, role: 'nginx', name: 'nginx' }
  if (/^(\S*\/)?(redis-server|valkey-server)\b/.test(line)) return { pid, role: 'store', name: 'redis' }
  return { pid, role: 'other', name: line.slice(0, 120) }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // it has ended, or belongs to somebody else
  }
}

function target(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
