/** Holds the choice of ports to what the system says of them. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { EnvironmentError } from '../errors.ts'
import { claimPort, freePort, releasePorts } from './ports.ts'

async function listener(port = 0) {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}

test('free ports differ from each other, also when asked for at once, and can be listened on', async () => {
  const ports = await Promise.all(Array.from({ length: 100 }, () => freePort()))
  expect(new Set(ports).size).toBe(100)
  for (const port of ports.slice(0, 5)) {
    await using _listening = await listener(port)
  }
  releasePorts(ports)
})

// Elsewhere the range cannot be read from a file.
if (process.platform === 'linux') {
  test('free ports lie outside the range of outgoing connections and of the privileged', async () => {
    const start = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0])
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()))
    expect(Math.max(...ports)).toBeLessThan(start)
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(1024)
    releasePorts(ports)
  })
}

test('a busy port that was asked for is refused with what to try', async () => {
  await using busy = await listener()
  await expect(claimPort(busy.port)).rejects.toThrow(EnvironmentError)
  await expect(claimPort(busy.port)).rejects.toThrow(
    `port ${busy.port} is in use; try another one with --port`,
  )
})

test('a free port that was asked for is accepted', async () => {
  const port = await freePort()
  await claimPort(port)
  releasePorts([port])
})
