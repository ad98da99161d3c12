/** The registry of drivers: how clusters are run, by the name that is typed. A driver is loaded when it is opened. */
import type { Driver } from './cluster/cluster.ts'
import type { ComposeOptions } from './cluster/compose.ts'
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
    summary: 'compose when a Docker Engine answers, else local',
    open: (context) => openAuto(context),
  },
  {
    name: 'local',
    summary:
      'processes of this machine on loopback; needs nginx and redis-server, or Debian or Ubuntu to fetch them',
    open: (context) => openLocal(context),
  },
  {
    name: 'compose',
    summary:
      'containers, one Docker Compose project per cluster; needs Docker Engine 20.10 and Compose 2.24 or later',
    open: ({ signal, notify }) => openCompose({ signal, notify }),
  },
]

/** Compose is nearer to how replicas run in production, so it is preferred where it can be had. */
async function openAuto(context: DriverContext): Promise<Driver> {
  const { probeEngine } = await import('./cluster/compose-probe.ts')
  const engine = await probeEngine(context.signal)
  if (engine.kind !== 'ready') {
    context.notify(`driver local: ${engine.reason}`)
    return openLocal(context)
  }
  context.notify(`driver compose: Docker Engine ${engine.engineVersion}, Compose ${engine.composeVersion}`)
  return openCompose({ ...context, engine })
}

async function openLocal({ workspace, signal, notify }: DriverContext): Promise<Driver> {
  const [{ findBinaries }, { localDriver }] = await Promise.all([
    import('./binaries/find.ts'),
    import('./cluster/local.ts'),
  ])
  return localDriver(await findBinaries(['nginx', 'redis-server'], { signal, notify }), workspace)
}

async function openCompose(options: ComposeOptions): Promise<Driver> {
  const { openComposeDriver } = await import('./cluster/compose.ts')
  return openComposeDriver(options)
}
