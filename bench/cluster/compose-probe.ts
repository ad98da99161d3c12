/** Finds out whether this machine can run clusters in containers, and if not, what is missing. */
import { isAbort, messageOf, systemCode } from '../errors.ts'
import { type CommandResult, docker } from './compose-command.ts'
import { connectEngine } from './compose-engine.ts'

/** An Engine and a Compose that can run clusters. */
export interface ReadyEngine {
  readonly kind: 'ready'
  /** Path of the Engine's socket. */
  readonly socket: string
  readonly engineVersion: string
  readonly composeVersion: string
}

/** Why there is no such Engine. */
export interface NoEngine {
  readonly kind: 'absent' | 'no-permission' | 'no-compose' | 'too-old'
  /** What is wrong, e.g. `there is no docker command`. */
  readonly reason: string
  /** The reason, and what to do about it. */
  readonly message: string
}

/** What the probe found. */
export type EngineState = ReadyEngine | NoEngine

/** 20.10, the oldest that was tried; older ones lack the one-shot figures of `GET /containers/ID/stats`. */
const oldestApi = [1, 41] as const
/** Interpolates COMPOSE_PROFILES in .env, leaves out dependencies that are not `required`, `pull --policy missing`. */
const oldestCompose = [2, 24] as const

/** Asks the `docker` command where the Engine is, the Engine for its version, and Compose for its own. */
export async function probeEngine(signal: AbortSignal): Promise<EngineState> {
  const socket = await engineSocket(signal)
  if (typeof socket !== 'string') return socket
  const [engine, compose] = await Promise.all([engineVersion(socket, signal), composeVersion(signal)])
  if (typeof engine !== 'string') return engine
  if (typeof compose !== 'string') return compose
  return { kind: 'ready', socket, engineVersion: engine, composeVersion: compose }
}

function noEngine(kind: NoEngine['kind'], reason: string, advice: string): NoEngine {
  return { kind, reason, message: `${reason}; ${advice}, or use --driver local` }
}

/** The path of the Engine's socket on this machine, whether or not an Engine answers there. */
export async function engineSocket(signal: AbortSignal): Promise<string | NoEngine> {
  // Heeds DOCKER_HOST, DOCKER_CONTEXT and the context chosen with `docker context use`.
  const asked = await ask(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], signal)
  if ('kind' in asked) return asked
  if (asked.exitCode !== 0) {
    const reason = `the docker command does not say where its Engine is:\n${asked.tail}\n`
    return noEngine('absent', reason, 'see `docker context ls`')
  }
  const address = asked.stdout.trim()
  if (/^(unix|npipe):\/\//.test(address)) return address.replace(/^(unix|npipe):\/\//, '')
  return noEngine(
    'absent',
    `the docker command talks to an Engine at ${address}, but clusters need one on this machine: their ports are published on its loopback`,
    'unset DOCKER_HOST, choose another context',
  )
}

/** Runs the docker command; one that cannot be run is as good as none. */
async function ask(args: readonly string[], signal: AbortSignal): Promise<CommandResult | NoEngine> {
  try {
    return await docker(args, { signal })
  } catch (error) {
    signal.throwIfAborted()
    const code = systemCode(error)
    if (code === undefined) throw error
    if (code === 'ENOENT') {
      return noEngine('absent', 'there is no docker command', 'install Docker Engine and Compose')
    }
    return noEngine('absent', `the docker command cannot be run: ${messageOf(error)}`, 'see to that')
  }
}

async function engineVersion(socket: string, signal: AbortSignal): Promise<string | NoEngine> {
  await using engine = connectEngine(socket)
  try {
    const found = await engine.request<{ Version: string; ApiVersion: string; Os: string }>(
      'GET',
      '/version',
      { signal },
    )
    if (found.Os !== 'linux') {
      return noEngine(
        'absent',
        `the Docker Engine runs ${found.Os} containers`,
        'switch it to Linux containers',
      )
    }
    if (!isAtLeast(found.ApiVersion, oldestApi)) {
      return noEngine('too-old', `Docker Engine ${found.Version} is too old`, 'install 20.10 or later')
    }
    return found.Version
  } catch (error) {
    if (isAbort(error)) throw error
    const code = systemCode((error as Error).cause ?? error)
    if (code === 'EACCES' || code === 'EPERM') {
      return noEngine(
        'no-permission',
        `you may not use the Docker Engine at ${socket}`,
        'run this with sudo, or join its group (sudo usermod -aG docker "$USER", then log in again)',
      )
    }
    return noEngine(
      'absent',
      `no Docker Engine answers at ${socket} (${code ?? messageOf(error)})`,
      'start it',
    )
  }
}

async function composeVersion(signal: AbortSignal): Promise<string | NoEngine> {
  const asked = await ask(['compose', 'version', '--short'], signal)
  if ('kind' in asked) return asked
  const version = asked.stdout.trim().replace(/^v/, '')
  if (asked.exitCode !== 0 || !/^\d/.test(version)) {
    return noEngine(
      'no-compose',
      'the docker command has no Compose (`docker compose version` fails)',
      'install the plugin docker-compose-plugin (Debian, Ubuntu: docker-compose-v2)',
    )
  }
  if (!isAtLeast(version, oldestCompose)) {
    const oldest = oldestCompose.join('.')
    return noEngine('too-old', `Docker Compose ${version} is too old`, `install ${oldest} or later`)
  }
  return version
}

/** Whether a version like `2.26.1-4` is at least `[2, 24]`. */
export function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [foundMajor = 0, foundMinor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return foundMajor > major || (foundMajor === major && foundMinor >= minor)
}
