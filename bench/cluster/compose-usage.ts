/** Reads what a container uses: from its control group where this machine shows it, else from the Engine. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from './compose-engine.ts'

/** Where the figures of one life of a container come from; `null` once it has ended, or where nobody can tell. */
export interface UsageSource {
  cpuMicros(): Promise<number | null>
  /** What is in use and could not be dropped: usage without the inactive part of the page cache, as `docker stats` has it. */
  memoryBytes(): Promise<number | null>
}

/** @param pid number of the container's first process, as the Engine tells it */
export function usageSource(engine: Engine, id: string, pid: number): UsageSource {
  return cgroupSource(id, pid) ?? engineSource(engine, id)
}

/** What the kernel has in `/proc`; replaced in tests. */
export interface Proc {
  /** Lines of `/proc/PID/cgroup`: number, controllers, path. */
  readonly cgroup: string
  /** Lines of `/proc/self/mountinfo`. */
  readonly mountinfo: string
}

/** The folders of a container's control group by what is read there, each with the version of its layout. */
export interface CgroupFolders {
  readonly cpu: { readonly version: 1 | 2; readonly path: string }
  readonly memory: { readonly version: 1 | 2; readonly path: string }
}

/**
 * Finds the control group of a container.
 * @returns `null` when the process is not the container's: the Engine may run in a machine of its own (Docker Desktop),
 * where the same number means another process
 */
export function cgroupFolders(id: string, proc: Proc): CgroupFolders | null {
  const groups = proc.cgroup
    .trim()
    .split('\n')
    .map((line) => {
      const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
      return { controllers: controllers.split(','), path }
    })
    .filter(({ path }) => path.includes(id))
  const mounts = proc.mountinfo
    .trim()
    .split('\n')
    .map((line) => {
      // man 5 proc: ID parent device root mount-point options … - type source super-options
      const [before = '', after = ''] = line.split(' - ')
      const [type = '', , options = ''] = after.split(' ')
      return {
        root: before.split(' ')[3],
        point: before.split(' ')[4] ?? '',
        type,
        options: options.split(','),
      }
    })
    .filter(({ root }) => root === '/')
  const folder = (controller: string) => {
    // A machine may have both: version 2 is mounted then as well, but without controllers.
    const group1 = groups.find(({ controllers }) => controllers.includes(controller))
    const mount1 = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller))
    if (group1 && mount1) return { version: 1 as const, path: join(mount1.point, group1.path) }
    const group2 = groups.find(({ controllers }) => controllers.join() === '')
    const mount2 = mounts.find(({ type }) => type === 'cgroup2')
    return group2 && mount2 ? { version: 2 as const, path: join(mount2.point, group2.path) } : null
  }
  const cpu = folder('cpuacct')
  const memory = folder('memory')
  return cpu && memory ? { cpu, memory } : null
}

function cgroupSource(id: string, pid: number): UsageSource | null {
  if (process.platform !== 'linux') return null
  const proc = attempt(() => ({
    cgroup: readFileSync(`/proc/${pid}/cgroup`, 'utf8'),
    mountinfo: readFileSync('/proc/self/mountinfo', 'utf8'),
  }))
  const folders = proc && cgroupFolders(id, proc)
  if (!folders) return null
  const source = {
    cpuMicros: async () => attempt(() => cpuMicrosIn(folders.cpu)),
    memoryBytes: async () => attempt(() => memoryBytesIn(folders.memory)),
  }
  // The folder may not be where it seems to be, e.g. when the harness itself runs in a container.
  return attempt(() => [cpuMicrosIn(folders.cpu), memoryBytesIn(folders.memory)]) === null ? null : source
}

function cpuMicrosIn({ version, path }: CgroupFolders['cpu']): number {
  if (version === 1) return Number(readFileSync(join(path, 'cpuacct.usage'), 'utf8')) / 1000
  return field(readFileSync(join(path, 'cpu.stat'), 'utf8'), 'usage_usec')
}

function memoryBytesIn({ version, path }: CgroupFolders['memory']): number {
  const usage = readFileSync(join(path, version === 1 ? 'memory.usage_in_bytes' : 'memory.current'), 'utf8')
  const stat = readFileSync(join(path, 'memory.stat'), 'utf8')
  return Number(usage) - field(stat, version === 1 ? 'total_inactive_file' : 'inactive_file')
}

function field(text: string, name: string): number {
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]
  if (value === undefined) throw new RangeError(`no ${name}`)
  return Number(value)
}

interface EngineStats {
  readonly cpu_stats: { readonly cpu_usage: { readonly total_usage?: number } }
  readonly memory_stats: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> }
}

function engineSource(engine: Engine, id: string): UsageSource {
  const read = () =>
    engine.request<EngineStats | undefined>('GET', `/containers/${id}/stats`, {
      query: { stream: false, 'one-shot': true },
      accept: [404],
    })
  return {
    async cpuMicros() {
      const nanos = (await read())?.cpu_stats.cpu_usage.total_usage
      return nanos ? nanos / 1000 : null // the Engine says 0 of a container that has ended
    },
    async memoryBytes() {
      const { usage, stats } = (await read())?.memory_stats ?? {}
      return usage === undefined ? null : usage - (stats?.total_inactive_file ?? stats?.inactive_file ?? 0)
    },
  }
}

/** `null` for what cannot be read: ended in the meantime, or not shown to us. */
function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
