/** Removes the containers, networks and volumes of a cluster, and those that dead runs have left; nothing else. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { EnvironmentError } from '../errors.ts'
import { ownerText, parseOwner, stateOf, thisOwner } from '../processes/owner.ts'
import { connectEngine, type Engine } from './compose-engine.ts'
import { engineSocket } from './compose-probe.ts'

/**
 * The label by which a container, network or volume says whose it is; docker-compose.yml gives it to everything. On what
 * a person started by hand it names no owner.
 */
export const ownerLabel = 'sessionbench.owner'

/** Compose projects of this process that have not been removed yet. */
const live = new Set<string>()

const projectLabel = 'com.docker.compose.project'

/** What there was to remove. */
export interface SweptContainers {
  /** Names of the clusters' Compose projects. */
  readonly projects: readonly string[]
  readonly containers: number
  readonly networks: number
  readonly volumes: number
  /** Clusters of which nobody can tell from here whether they are in use: they were left alone. */
  readonly unknown: readonly string[]
}

/** Something with labels, as the Engine lists it. */
interface Labelled {
  readonly Labels: Readonly<Record<string, string>> | null
}
interface Belongings {
  readonly containers: readonly (Labelled & { readonly Id: string })[]
  readonly networks: readonly (Labelled & { readonly Id: string })[]
  readonly volumes: readonly (Labelled & { readonly Name: string })[]
}

/** Everything that carries all of `labels` (`name` or `name=value`). */
async function belongings(
  engine: Engine,
  labels: readonly string[],
  signal?: AbortSignal,
): Promise<Belongings> {
  const options = { query: { filters: { label: labels } }, ...(signal && { signal }) }
  const [containers, networks, volumes] = await Promise.all([
    engine.request<Belongings['containers']>('GET', '/containers/json', {
      ...options,
      query: { ...options.query, all: true },
    }),
    engine.request<Belongings['networks']>('GET', '/networks', options),
    engine.request<{ Volumes: Belongings['volumes'] | null }>('GET', '/volumes', options),
  ])
  return { containers, networks, volumes: volumes.Volumes ?? [] }
}

/** The parts of one cluster of this process, before they are made. Disposing removes them; what is gone is no error. */
export function ownCluster(engine: Engine, project: string): AsyncDisposable {
  live.add(project)
  return {
    async [Symbol.asyncDispose]() {
      const labels = [`${projectLabel}=${project}`, `${ownerLabel}=${ownerText(thisOwner())}`]
      try {
        await remove(engine, await belongings(engine, labels))
        live.delete(project)
      } catch (error) {
        // An Engine that is gone has been reported by whoever needed it; the next sweep removes what it still holds.
        if (!(error instanceof EnvironmentError)) throw error
      }
    },
  }
}

async function remove(engine: Engine, { containers, networks, volumes }: Belongings): Promise<void> {
  await Promise.all(
    containers.map(async ({ Id }) => {
      await engine.request('DELETE', `/containers/${Id}`, {
        query: { force: true, v: true },
        accept: [404, 409],
      })
      // 409: somebody else is removing it. Its networks are free only when it is gone.
      await engine.request('POST', `/containers/${Id}/wait`, {
        query: { condition: 'removed' },
        accept: [404],
      })
    }),
  )
  await Promise.all([
    ...networks.map(({ Id }) => engine.request('DELETE', `/networks/${Id}`, { accept: [404] })),
    ...volumes.map(({ Name }) => engine.request('DELETE', `/volumes/${Name}`, { accept: [404] })),
  ])
}

/**
 * Removes what runs that were killed have left. Clusters of a run that still goes on, of another user, or started by
 * hand are left alone.
 */
export async function sweepContainers(engine: Engine, signal: AbortSignal): Promise<SweptContainers> {
  const all = await belongings(engine, [ownerLabel], signal)
  const isIn = (state: ReturnType<typeof stateOf>) => (what: Labelled) => stateOfOwner(what) === state
  const left = {
    containers: all.containers.filter(isIn('ended')),
    networks: all.networks.filter(isIn('ended')),
    volumes: all.volumes.filter(isIn('ended')),
  }
  await remove(engine, left)
  return {
    projects: projectsOf(left),
    unknown: projectsOf({
      containers: all.containers.filter(isIn('unknown')),
      networks: all.networks.filter(isIn('unknown')),
      volumes: all.volumes.filter(isIn('unknown')),
    }),
    containers: left.containers.length,
    networks: left.networks.length,
    volumes: left.volumes.length,
  }
}

/** Of nobody, or of another user: `null`, for that is none of our business. */
function stateOfOwner({ Labels }: Labelled): ReturnType<typeof stateOf> | null {
  const owner = parseOwner(Labels?.[ownerLabel])
  return owner === null || owner.user !== thisOwner().user ? null : stateOf(owner)
}

function projectsOf(belongings: Belongings): string[] {
  const names = Object.values(belongings)
    .flat()
    .map(({ Labels }: Labelled) => Labels?.[projectLabel] ?? '')
  // A label takes any text; what is no name of a project is none of Compose's.
  return [...new Set(names.map((name) => (/^[a-z0-9][a-z0-9_-]*$/.test(name) ? name : '(unnamed)')))].sort()
}

/**
 * As `sweepContainers`, on the Engine of this machine.
 * @returns `null` when there is none, or none that may be used: then nobody could have left anything there either
 */
export async function sweepComposeLeftovers(signal: AbortSignal): Promise<SweptContainers | null> {
  const socket = await engineSocket(signal)
  if (typeof socket !== 'string') return null
  await using engine = connectEngine(socket)
  try {
    return await sweepContainers(engine, signal)
  } catch (error) {
    if (error instanceof EnvironmentError) return null
    throw error
  }
}

/**
 * For the way out that has no time: when there are clusters, lets a process of its own remove them once this one has
 * ended. Returns at once.
 */
export function sweepAfterExit(): void {
  if (live.size === 0) return
  const sweeper = fileURLToPath(new URL('./compose-sweeper.ts', import.meta.url))
  spawn(process.execPath, [sweeper, ownerText(thisOwner())], { detached: true, stdio: 'ignore' }).unref()
}
