/** The `compose` driver: clusters of containers, each a Docker Compose project of its own from docker-compose.yml. */
import { randomBytes } from 'node:crypto'
import { engineWarning } from '../binaries/docker-engine.ts'
import { ClusterError, EnvironmentError, UsageError } from '../errors.ts'
import { ownerText, thisOwner } from '../processes/owner.ts'
import { all } from './all.ts'
import type { Cluster, ClusterSpec, Driver } from './cluster.ts'
import { commandError, docker } from './compose-command.ts'
import { connectEngine, type Engine } from './compose-engine.ts'
import {
  buildReplica,
  digestOf,
  type Notify,
  pullMissing,
  replicaImage,
  serviceImages,
  versionIn,
} from './compose-image.ts'
import { ownCluster, ownerLabel } from './compose-leftovers.ts'
import { type ContainerDescription, ContainerMember } from './compose-member.ts'
import { probeEngine, type ReadyEngine } from './compose-probe.ts'
import { chooseSubnet, type Subnet } from './compose-subnet.ts'
import { claimPort, freePort, onFreePorts, releasePorts } from './ports.ts'
import { answersHttp } from './ready.ts'
import { expectRoutable } from './route.ts'

/** As many as docker-compose.yml describes. */
export const mostComposeReplicas = 8

/** In nginx's container: the script it was started by rewrites the includes, and the main process reads them. */
const rewriteAndReload = ['sh', '/sessionbench/nginx-entry.sh', 'sh', '-c', 'kill -HUP 1']

/** What the driver depends on. */
export interface ComposeOptions {
  readonly signal: AbortSignal
  /** Told one line before something that takes its time, such as building the image. */
  readonly notify?: Notify
  /** What `probeEngine` found; absent: it is asked. */
  readonly engine?: ReadyEngine
}

/**
 * Builds the replica's image unless it is there, and fetches the others.
 * @throws {EnvironmentError} when there is no usable Engine or an image cannot be obtained
 */
export async function openComposeDriver({
  signal,
  notify = () => {},
  engine: probed,
}: ComposeOptions): Promise<Driver> {
  const state = probed ?? (await probeEngine(signal))
  if (state.kind !== 'ready') throw new EnvironmentError(state.message)
  const warning = engineWarning(state.engineVersion)
  if (warning !== null) notify(warning)
  await using opening = new AsyncDisposableStack()
  const engine = opening.use(connectEngine(state.socket))
  const image = replicaImage()
  const env = plainEnvironment()
  const images = await serviceImages(env, signal)
  const pulled = [...new Set(images.values())].filter((name) => !name.startsWith('sessionbench-'))
  await all(signal, pulled, (name, waiting) => pullMissing(engine, name, notify, waiting))
  await buildReplica(engine, image, env, notify, signal)

  const labels = [`${ownerLabel}=${ownerText(thisOwner())}`]
  const programs = [
    ['node', 'node', image],
    ['nginx', 'nginx', images.get('nginx') ?? ''],
    ['redis-server', 'redis', images.get('redis') ?? ''],
  ] as const
  const versions: Record<string, string> = {
    'docker-engine': state.engineVersion,
    'docker-compose': state.composeVersion,
  }
  await all(signal, programs, async ([name, program, of], waiting) => {
    versions[name] = await versionIn(engine, of, program, labels, waiting)
    if (of !== image) versions[`${program}-image`] = await digestOf(engine, of, waiting)
  })

  const run = randomBytes(3).toString('hex')
  let clusters = 0
  const open = opening.move()
  return {
    name: 'compose',
    versions,
    start(spec, starting) {
      return onFreePorts(spec.port, () => {
        clusters += 1
        const project = `sessionbench-${run}-${clusters}-${spec.strategy.name}`
        return startCluster(spec, starting, { engine, image, env, project })
      })
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

interface Surroundings {
  readonly engine: Engine
  readonly image: string
  readonly env: NodeJS.ProcessEnv
  readonly project: string
}

async function startCluster(
  spec: ClusterSpec,
  signal: AbortSignal,
  surroundings: Surroundings,
): Promise<Cluster> {
  const { engine, project } = surroundings
  if (spec.replicas > mostComposeReplicas) {
    throw new UsageError(
      `${spec.replicas} replicas are too many for Docker Compose; expected 1 to ${mostComposeReplicas} (or use --driver local)`,
    )
  }
  await using started = new AsyncDisposableStack()
  if (spec.port !== undefined) await claimPort(spec.port)
  const port = spec.port ?? (await freePort())
  started.defer(() => releasePorts([port]))
  const entry = new URL(`http://127.0.0.1:${port}`)

  started.use(await createContainers(spec, port, surroundings))
  signal.throwIfAborted()
  const ids = await containerIds(engine, project)
  const member = (description: Omit<ContainerDescription, 'id'>, service = description.name) => {
    const id = ids.get(service)
    if (id === undefined) throw new ClusterError(`Docker Compose made no container for ${service}`)
    return started.use(new ContainerMember({ ...description, id }, engine))
  }
  const stores = spec.strategy.needs.map((service) =>
    member({ name: 'redis', tier: 'store', readyLine: 'Ready to accept connections' }, service),
  )
  const replicas = replicaNames(spec.replicas).map((name) =>
    member({ name, tier: 'replica', readyLine: '"event":"listening"' }),
  )
  const balancer = member({
    name: 'nginx',
    tier: 'nginx',
    port,
    answers: (waiting) => answersHttp(new URL('/healthz', entry), waiting),
  })

  await all(signal, [...stores, balancer], (part, waiting) => part.launch(waiting))
  await all(signal, stores, (store, waiting) => store.ready(waiting))
  await all(signal, replicas, (replica, waiting) => replica.start(waiting))
  await balancer.ready(signal)

  const running = started.move()
  return {
    spec,
    entry,
    replicas,
    balancer,
    stores,
    async routeTo(count, waiting) {
      expectRoutable(count, spec.replicas)
      await balancer.reload(entry, rewriteAndReload, { REPLICAS: String(count) }, waiting)
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** Has Compose make everything, without starting it. Disposing the result removes it all. */
async function createContainers(
  spec: ClusterSpec,
  port: number,
  { engine, image, env, project }: Surroundings,
): Promise<AsyncDisposable> {
  const services = ['nginx', ...replicaNames(spec.replicas), ...spec.strategy.needs]
  const secrets = { SESSION_SECRET: secret(), REDIS_PASSWORD: secret() }
  const refused = new Set<string>()
  for (;;) {
    await using made = new AsyncDisposableStack()
    const subnet: Subnet = made.use(chooseSubnet(refused))
    made.use(ownCluster(engine, project))
    // Without the signal: it takes half a second, and what a command that was cut off leaves cannot be known.
    const created = await docker(
      ['compose', '--project-name', project, 'create', '--no-build', '--pull', 'never', ...services],
      {
        env: {
          ...env,
          ...secrets,
          STRATEGY: spec.strategy.name,
          ROUTING: spec.strategy.routing,
          REPLICAS: String(spec.replicas),
          // Without it Compose would also make the replicas that nginx can do without.
          COMPOSE_PROFILES: `replicas-${spec.replicas}`,
          PORT: String(port),
          SUBNET: subnet.prefix,
          REPLICA_IMAGE: image,
          // The driver waits by itself; checks would be charged to what is measured.
          HEALTHCHECKS_OFF: 'true',
          SESSIONBENCH_OWNER: ownerText(thisOwner()),
        },
      },
    )
    if (created.exitCode === 0) {
      const rest = made.move()
      return { [Symbol.asyncDispose]: () => rest.disposeAsync() }
    }
    // The Engine knows of networks that this process cannot see; it is asked for other addresses then.
    if (!/pool overlaps/i.test(created.tail)) {
      throw commandError('Docker Compose could not create the cluster', created)
    }
    refused.add(subnet.prefix)
  }
}

async function containerIds(engine: Engine, project: string): Promise<Map<string, string>> {
  const containers = await engine.request<{ Id: string; Labels: Record<string, string> }[]>(
    'GET',
    '/containers/json',
    {
      query: { all: true, filters: { label: [`com.docker.compose.project=${project}`] } },
    },
  )
  return new Map(containers.map(({ Id, Labels }) => [Labels['com.docker.compose.service'] ?? '', Id]))
}

function replicaNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `replica-${index + 1}`)
}

function secret(): string {
  return randomBytes(24).toString('hex')
}

/**
 * The environment for Compose: limits that the user has set (REPLICA_CPUS, …) count, and so does what the docker command
 * needs; but another file, project or profile must not get in.
 */
function plainEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('COMPOSE_'))
  return { ...Object.fromEntries(own), COMPOSE_FILE: 'docker-compose.yml', COMPOSE_PROFILES: '' }
}
