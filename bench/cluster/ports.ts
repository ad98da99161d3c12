/** Finds free ports that stay free while the process that listens on them is being restarted. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { EnvironmentError } from '../errors.ts'

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
  const reason = why === 'EACCES' ? 'may not be used without more rights' : 'is in use'
  throw new EnvironmentError(
    `port ${port} ${reason}; try another one with --port, or leave it out to get a free one`,
  )
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
