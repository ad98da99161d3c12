/** Finds free ports that stay free while the process that listens on them is being restarted. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { ClusterError, EnvironmentError } from '../errors.ts'

/** How often a start is tried on ports found anew. */
const attempts = 3

/** A port that was free when it was chosen was somebody else's when its owner wanted to listen there. */
export class PortLostError extends ClusterError {
  readonly port: number
  /** @param member who wanted to listen */
  constructor(member: string, port: number, cause?: unknown) {
    super(`${member} has lost its port ${port} to another program`, { cause })
    this.port = port
  }
}

/**
 * Does `start`, which finds its ports by `freePort`, and does it again when it has lost one: between the choice and the
 * listening anybody can take it, such as a second run that was started in the same second.
 * @param chosen the port that was asked for by number: it has no substitute
 * @throws {EnvironmentError} when `chosen` is lost, or ports are lost again and again
 */
export async function onFreePorts<T>(chosen: number | undefined, start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof PortLostError)) throw error
      if (error.port === chosen) throw busy(chosen, 'is in use', error)
      if (attempt === attempts) {
        throw new EnvironmentError(
          `${error.message}, and so it went ${attempts} times, on other ports each time; end what takes them`,
          { cause: error },
        )
      }
    }
  }
}

/** Ports handed out by this process: two clusters that start at the same time must not get the same one. */
const taken = new Set<number>()

/**
 * A port of 127.0.0.1 on which nobody listens, below the range from which the system takes the ports of outgoing
 * connections: a port from within that range can be lost to such a connection while its owner restarts.
 * @throws {EnvironmentError} when none is found
 */
export async function freePort(): Promise<number> {
  const end = ephemeralStart()
  const start = Math.max(1024, Math.min(10_000, end - 5_000))
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = start + Math.floor(Math.random() * (end - start))
    if (taken.has(port)) continue
    taken.add(port)
    if ((await whyBusy(port)) === null) return port
  }
  throw new EnvironmentError(
    `no free port found between ${start} and ${end - 1}; end what is listening there`,
  )
}

/**
 * Checks a port that was asked for by number.
 * @throws {EnvironmentError} when it is in use or may not be used
 */
export async function claimPort(port: number): Promise<void> {
  const why = await whyBusy(port)
  if (why === null) return
  throw busy(port, why === 'EACCES' ? 'may not be used without more rights' : 'is in use')
}

function busy(port: number, reason: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError(
    `port ${port} ${reason}; try another one with --port, or leave it out to get a free one`,
    { cause },
  )
}

/** Whether somebody listens on a port of 127.0.0.1. */
export async function isTaken(port: number): Promise<boolean> {
  return (await whyBusy(port)) === 'EADDRINUSE'
}

/** Gives ports back once their cluster is gone. */
export function releasePorts(ports: Iterable<number>): void {
  for (const port of ports) taken.delete(port)
}

/** @returns `null` when a server can listen there, else the system's error code */
function whyBusy(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(null)))
  })
}

function ephemeralStart(): number {
  if (process.platform !== 'linux') return 32_768 // macOS starts at 49152; lower is safe as well
  return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0])
}
