/** The registry of drivers: how clusters are run, by the name that is typed. */
import { findBinaries } from './binaries/find.ts'
import type { Driver } from './cluster/cluster.ts'
import { localDriver } from './cluster/local.ts'
import type { Workspace } from './cluster/workspace.ts'

/** What opening a driver needs. */
export interface DriverContext {
  readonly workspace: Workspace
  readonly signal: AbortSignal
  notify(line: string): void
}

/** A way to run clusters, before it has been looked at whether it can. */
export interface DriverEntry {
  readonly name: string
  readonly summary: string
  /** @throws {EnvironmentError} saying what is missing and how to get it */
  open(context: DriverContext): Promise<Driver>
}

export const drivers: readonly DriverEntry[] = [
  {
    name: 'auto',
    summary: 'local',
    open: (context) => openLocal(context),
  },
  {
    name: 'local',
    summary:
      'processes of this machine on loopback; needs nginx and redis-server, or Debian or Ubuntu to fetch them',
    open: (context) => openLocal(context),
  },
]

async function openLocal({ workspace, signal, notify }: DriverContext): Promise<Driver> {
  return localDriver(await findBinaries(['nginx', 'redis-server'], { signal, notify }), workspace)
}
