/** The `local` driver: replicas, nginx and stores as processes of this machine, on loopback. */
import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Service } from '../../servers/strategies/strategy.ts'
import { cacheDir } from '../binaries/cache.ts'
import type { Binaries } from '../binaries/find.ts'
import { foreign } from '../binaries/ownership.ts'
import { ClusterError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import { cpuMicros, groupListensOn, mainThreadCpuMicros, memoryBytes } from '../processes/process-table.ts'
import { all } from './all.ts'
import type { Cluster, ClusterSpec, Driver, Member, Tier } from './cluster.ts'
import { boundLogs, logTail } from './log-file.ts'
import { renderIncludes, type Upstream } from './nginx.ts'
import { claimPort, freePort, isTaken, onFreePorts, PortLostError, releasePorts } from './ports.ts'
import { type ProcessSpec, type RunningProcess, startProcess } from './process.ts'
import { answersHttp, type Wait, waitUntil } from './ready.ts'
import {
  answersPing,
  type RedisAddress,
  redisCommandsProcessed,
  redisConfiguration,
  redisUrl,
} from './redis.ts'
import { roomProblem } from './room.ts'
import { expectRoutable, untilReloaded } from './route.ts'
import type { Workspace } from './workspace.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))
const host = '127.0.0.1'
const readyWithinMs = 20_000
const stopGraceMs = 10_000
const teardownGraceMs = 2_000

/**
 * @param workspace takes the clusters' files, and remembers what was started
 * @param checkout whose `servers/` the replicas run: the gate measures other versions of them
 */
export function localDriver(binaries: Binaries, workspace: Workspace, checkout: string = project): Driver {
  return {
    name: 'local',
    versions: {
      node: process.versions.node,
      nginx: binaries.nginx.version,
      'redis-server': binaries['redis-server'].version,
    },
    start: (spec, signal) =>
      onFreePorts(spec.port, async () => {
        try {
          return await startCluster(spec, signal, binaries, workspace, checkout)
        } catch (error) {
          signal.throwIfAborted()
          // What finds no room cannot even say so.
          throw roomProblem(workspace.path) ?? error
        }
      }),
    // A store or a replica that finds no room answers errors, or dies, as if it were to blame.
    trouble: () => roomProblem(workspace.path),
    async [Symbol.asyncDispose]() {}, // each cluster takes its own processes with it
  }
}

async function startCluster(
  spec: ClusterSpec,
  signal: AbortSignal,
  binaries: Binaries,
  workspace: Workspace,
  checkout: string,
): Promise<Cluster> {
  await using started = new AsyncDisposableStack()
  const folder = workspace.folder(spec.strategy.name)
  started.use(boundLogs(folder))
  const ports: number[] = []
  started.defer(() => releasePorts(ports))
  const port = async () => {
    const found = await freePort()
    ports.push(found)
    return found
  }
  const member = (description: MemberDescription) => {
    const made = new LocalMember(description, join(folder, `${description.name}.log`), workspace)
    started.use(made)
    return made
  }

  const stores: LocalMember[] = []
  const storeUrls: Record<string, string> = {}
  for (const service of spec.strategy.needs) {
    const address = { host, port: await port(), password: newSecret() }
    storeUrls.REDIS_URL = redisUrl(address)
    stores.push(member(redis(service, address, folder, binaries)))
  }

  const secret = newSecret()
  const upstreams: Upstream[] = []
  const replicas: LocalMember[] = []
  for (let index = 1; index <= spec.replicas; index += 1) {
    const at = await port()
    const name = `replica-${index}`
    upstreams.push({ name, address: `${host}:${at}` })
    replicas.push(
      member({
        name,
        tier: 'replica',
        command: process.execPath,
        args: [join(checkout, 'servers', 'replica.ts')],
        cwd: checkout,
        env: {
          // As in the containers, and wherever else an app serves people.
          NODE_ENV: 'production',
          HOST: host,
          PORT: String(at),
          REPLICA_NAME: name,
          STRATEGY: spec.strategy.name,
          SESSION_SECRET: secret,
          // Halves the time to start: modules stay compiled, and their types stripped, from one start to the next.
          NODE_COMPILE_CACHE: compileCache(workspace, checkout),
          ...storeUrls,
        },
        port: at,
        isReady: (waiting) => answersHttp(new URL(`http://${host}:${at}/healthz`), waiting),
      }),
    )
  }

  if (spec.port !== undefined) await claimPort(spec.port)
  const entry = new URL(`http://${host}:${spec.port ?? (await port())}`)
  const nginxFolder = join(folder, 'nginx')
  const configure = (count: number) => {
    const serving = upstreams.slice(0, count)
    const settings = { listen: entry.host, upstreams: serving, routing: spec.strategy.routing }
    for (const [path, text] of Object.entries(renderIncludes(settings))) {
      mkdirSync(dirname(join(nginxFolder, path)), { recursive: true })
      writeFileSync(join(nginxFolder, path), text)
    }
  }
  const balancer = member(nginx(entry, nginxFolder, binaries, () => configure(spec.replicas)))

  await all(signal, [...stores], (store, waiting) => store.start(waiting))
  await all(signal, [...replicas, balancer], (part, waiting) => part.start(waiting))

  const running = started.move()
  return {
    spec,
    entry,
    replicas,
    balancer,
    stores,
    async routeTo(count, waiting) {
      expectRoutable(count, spec.replicas)
      configure(count)
      await balancer.reload(entry, waiting)
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/**
 * Kept between runs, so that replicas of the first cluster start like those of the last one. What is compiled is found
 * again by its path: of a checkout that will be gone it would be kept for nothing. Made here, for this user alone, because
 * Node runs what it finds in it, and because Node never ends making it where that cannot be done, as below /proc.
 */
function compileCache(workspace: Workspace, checkout: string): string {
  const cache = checkout === project ? cacheDir(process.env) : null
  const lasting = cache === null ? null : join(cache, 'compile-cache')
  return lasting !== null && isPrivateFolder(lasting) ? lasting : join(workspace.path, 'compile-cache')
}

/** Whether `path` is there, made if need be, and nobody else can have put anything into it or its parent. */
function isPrivateFolder(path: string): boolean {
  try {
    makeFolder(path, 0o700)
  } catch {
    return false
  }
  return (foreign(dirname(path)) ?? foreign(path)) === null
}

/** Letters and digits. */
function newSecret(): string {
  return randomBytes(32).toString('hex')
}

function redis(
  service: Service,
  address: RedisAddress,
  folder: string,
  binaries: Binaries,
): MemberDescription {
  const data = join(folder, 'redis-data')
  mkdirSync(data)
  return {
    name: 'redis',
    tier: 'store',
    command: binaries['redis-server'].path,
    args: ['-'],
    input: redisConfiguration(service, address),
    cwd: data, // where Redis keeps its files unless told otherwise
    env: binaries['redis-server'].env,
    port: address.port,
    isReady: () => answersPing(address),
    commandsProcessed: () => redisCommandsProcessed(address),
  }
}

function nginx(entry: URL, folder: string, binaries: Binaries, writeIncludes: () => void): MemberDescription {
  mkdirSync(folder)
  copyFileSync(join(project, 'nginx.conf'), join(folder, 'nginx.conf'))
  return {
    name: 'nginx',
    tier: 'nginx',
    command: binaries.nginx.path,
    args: ['-e', 'stderr', '-p', `${folder}/`, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'],
    cwd: folder,
    env: binaries.nginx.env,
    prepare: writeIncludes,
    port: Number(entry.port),
    isReady: (waiting) => answersHttp(new URL('/healthz', entry), waiting),
  }
}

interface MemberDescription extends Pick<ProcessSpec, 'name' | 'command' | 'args' | 'input' | 'cwd' | 'env'> {
  readonly tier: Tier
  /** Called before each start. */
  prepare?(): void
  /** Where it listens. */
  readonly port: number
  isReady(signal: AbortSignal): Promise<boolean>
  readonly commandsProcessed?: () => Promise<number>
}

/** A member that is a process of this machine. */
class LocalMember implements Member, AsyncDisposable {
  readonly name: string
  readonly tier: Tier
  readonly commandsProcessed?: () => Promise<number>
  readonly #description: MemberDescription
  readonly #logFile: string
  readonly #workspace: Workspace
  #process: RunningProcess | null = null
  /** Whether it was stopped or killed on purpose. */
  #down = true

  constructor(description: MemberDescription, logFile: string, workspace: Workspace) {
    this.name = description.name
    this.tier = description.tier
    if (description.commandsProcessed) this.commandsProcessed = description.commandsProcessed
    this.#description = description
    this.#logFile = logFile
    this.#workspace = workspace
  }

  async start(signal: AbortSignal = new AbortController().signal): Promise<void> {
    signal.throwIfAborted()
    this.#description.prepare?.()
    const started = await startProcess({
      ...this.#description,
      env: { PATH: process.env.PATH ?? '', ...this.#description.env },
      logFile: this.#logFile,
      onStart: (leader) => this.#workspace.remember(leader),
    })
    this.#process = started
    this.#down = false
    const { port } = this.#description
    try {
      await waitUntil((waiting) => this.#description.isReady(waiting), this.#wait(started, signal))
    } catch (error) {
      const ended = error instanceof ClusterError && error.ended !== undefined
      throw ended && (await isTaken(port)) ? new PortLostError(this.name, port, error) : error
    }
    // Whoever has the port may have given the answer: the balancer of another run does so as well as this one.
    if (groupListensOn(started.pid, port) === false) throw new PortLostError(this.name, port)
  }

  /** Has it reload its configuration; resolves when `entry` serves by that alone. For nginx. */
  async reload(entry: URL, signal: AbortSignal = new AbortController().signal): Promise<void> {
    const running = this.#process
    if (running === null) throw new RangeError(`${this.name} has not been started`)
    await untilReloaded(entry, async () => running.send('SIGHUP'), this.#wait(running, signal))
  }

  #wait({ ended }: RunningProcess, signal: AbortSignal): Wait {
    return { name: this.name, signal, timeoutMs: readyWithinMs, ended, logTail: () => this.logTail() }
  }

  async stop(signal?: AbortSignal): Promise<void> {
    await this.expectAlive()
    this.#down = true
    await this.#process?.stop(stopGraceMs, signal)
    signal?.throwIfAborted()
  }

  async kill(): Promise<void> {
    await this.expectAlive()
    this.#down = true
    await this.#process?.kill()
  }

  async cpuMicros(): Promise<number | null> {
    return this.#used(cpuMicros)
  }

  async mainThreadCpuMicros(): Promise<number | null> {
    return this.#used(mainThreadCpuMicros)
  }

  async memoryBytes(): Promise<number | null> {
    return this.#used(memoryBytes)
  }

  async #used(read: (pid: number) => number | null): Promise<number | null> {
    if (this.#process === null || this.#down) return null
    if (this.#process.hasEnded()) throw await this.#endedByItself(this.#process)
    return read(this.#process.pid)
  }

  async expectAlive(): Promise<void> {
    if (this.#process === null || this.#down || this.#process.isRunning()) return
    throw await this.#endedByItself(this.#process)
  }

  /** That it has ended although nobody ended it: what is measured then means nothing. */
  async #endedByItself({ ended }: RunningProcess): Promise<unknown> {
    const how = await ended
    const words = `${this.name} ended by itself (${how}); its last words:\n${this.logTail()}`
    return roomProblem(this.#workspace.path) ?? new ClusterError(words, { ended: this.name })
  }

  logTail(): string {
    return logTail(this.#logFile)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.stop(teardownGraceMs)
  }
}
