/** The images of a cluster: the replica's is built once per state of its sources, the others are pulled when missing. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EnvironmentError } from '../errors.ts'
import { docker, project } from './compose-command.ts'
import type { Engine } from './compose-engine.ts'

/** Told one line before something that takes its time. */
export type Notify = (line: string) => void

/**
 * The name of the image of the replica as its sources are now: the same sources, the same name, no second build.
 * Covers what servers/Dockerfile copies, itself, and .dockerignore.
 */
export function replicaImage(root = project): string {
  const sources = readdirSync(join(root, 'servers'), { recursive: true, encoding: 'utf8' })
    .map((path) => `servers/${path.replaceAll('\\', '/')}`)
    .filter(
      (path) => /\.ts$/.test(path) && !path.endsWith('.test.ts') && !path.startsWith('servers/testing/'),
    )
    .sort()
  const hash = createHash('sha256')
  for (const path of [
    '.dockerignore',
    'package.json',
    'package-lock.json',
    'servers/Dockerfile',
    ...sources,
  ]) {
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0')
  }
  return `sessionbench-replica:${hash.digest('hex').slice(0, 12)}`
}

/**
 * Builds the replica's image unless it is there.
 * @throws {EnvironmentError} with the last lines of the build
 */
export async function buildReplica(
  engine: Engine,
  image: string,
  env: NodeJS.ProcessEnv,
  notify: Notify,
  signal: AbortSignal,
): Promise<void> {
  if ((await inspectImage(engine, image, signal)) !== null) return
  notify(`building the image ${image} (once for these sources)`)
  const built = await docker(['compose', 'build', 'replica-1'], {
    env: { ...env, REPLICA_IMAGE: image, BUILDKIT_PROGRESS: 'plain' },
    signal,
  })
  if (built.exitCode !== 0) {
    throw new EnvironmentError(
      `the replica's image could not be built (docker compose build replica-1); its last lines:\n${built.tail}`,
    )
  }
}

/** The images of the services in docker-compose.yml that are pulled, by service. */
export async function serviceImages(
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const asked = await docker(['compose', 'config', '--format', 'json'], {
    env: { ...env, COMPOSE_PROFILES: '*' },
    signal,
  })
  if (asked.exitCode !== 0) throw new EnvironmentError(`docker-compose.yml cannot be read:\n${asked.tail}`)
  const { services } = JSON.parse(asked.stdout) as { services: Record<string, { image: string }> }
  return new Map(Object.entries(services).map(([name, { image }]) => [name, image]))
}

/**
 * Pulls an image unless it is there.
 * @throws {EnvironmentError} with what Docker said
 */
export async function pullMissing(
  engine: Engine,
  image: string,
  notify: Notify,
  signal: AbortSignal,
): Promise<void> {
  if ((await inspectImage(engine, image, signal)) !== null) return
  notify(`pulling the image ${image} (once)`)
  const pulled = await docker(['pull', '--quiet', image], { signal })
  if (pulled.exitCode !== 0) {
    throw new EnvironmentError(
      `the image ${image} is not on this machine and could not be pulled; connect to the network and try again, or bring it here with docker load:\n${pulled.tail}`,
    )
  }
}

/** What the Engine tells of an image. */
interface Image {
  readonly Id: string
  /** `name@sha256:…`, as the registry it was pulled from knows it; none for what was built or loaded here. */
  readonly RepoDigests: readonly string[] | null
  readonly Config: { readonly Env: readonly string[] | null }
}

/** `null` when there is no such image here. */
async function inspectImage(engine: Engine, image: string, signal: AbortSignal): Promise<Image | null> {
  const found = await engine.request<Image | undefined>('GET', `/images/${image}/json`, {
    signal,
    accept: [404],
  })
  return found ?? null
}

/** Which image a tag means on this machine, as tags are moved: the registry's digest, else the Engine's own. */
export async function digestOf(engine: Engine, image: string, signal: AbortSignal): Promise<string> {
  const found = await inspectImage(engine, image, signal)
  return found?.RepoDigests?.[0]?.split('@')[1] ?? found?.Id ?? 'unknown'
}

/** How each program says its version: by the variable of its official image, else when it is run. */
const programs = {
  node: { variable: 'NODE_VERSION', command: ['node', '--version'], pattern: /v([\d.]+)/ },
  nginx: { variable: 'NGINX_VERSION', command: ['nginx', '-v'], pattern: /nginx\/([\d.]+)/ },
  redis: { variable: 'REDIS_VERSION', command: ['redis-server', '--version'], pattern: /v=([\d.]+)/ },
} as const

/** The version of a program in an image, for the record of a run. */
export async function versionIn(
  engine: Engine,
  image: string,
  program: keyof typeof programs,
  labels: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const { variable, command, pattern } = programs[program]
  const declared = (await inspectImage(engine, image, signal))?.Config.Env ?? []
  const assignment = declared.find((entry) => entry.startsWith(`${variable}=`))
  if (assignment !== undefined) return assignment.slice(variable.length + 1)
  const [entry, ...args] = command
  const options = labels.flatMap((label) => ['--label', label])
  // Without the signal: it takes half a second, and what a command that was cut off leaves cannot be known.
  const said = await docker([
    ...['run', '--rm', '--network', 'none', '--pull', 'never', ...options],
    ...['--entrypoint', entry, image, ...args],
  ])
  signal.throwIfAborted()
  return pattern.exec(said.tail)?.[1] ?? 'unknown'
}
