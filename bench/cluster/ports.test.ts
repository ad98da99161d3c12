/** Holds the choice of ports to what the system says of them. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { EnvironmentError } from '../errors.ts'
import { claimPort, freePort, isTaken, onFreePorts, PortLostError, releasePorts } from './ports.ts'

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

test('a port is taken while somebody listens there', async () => {
  const busy = await listener()
  expect(await isTaken(busy.port)).toBe(true)
  await busy[Symbol.asyncDispose]()
  expect(await isTaken(busy.port)).toBe(false)
})

describe('a start that loses a port to somebody else', () => {
  /** Fails as often as there are errors left. */
  const startOf = (...errors: Error[]) => {
    const calls = { count: 0 }
    const start = async () => {
      calls.count += 1
      const error = errors.shift()
      if (error !== undefined) throw error
      return 'started'
    }
    return { calls, start }
  }
  const lost = () => new PortLostError('replica-1', 12_345)

  test('is done again', async () => {
    const { calls, start } = startOf(lost(), lost())
    expect(await onFreePorts(undefined, start)).toBe('started')
    expect(calls.count).toBe(3)
  })

  test('is given up when it goes on so, as a matter of the machine', async () => {
    const { calls, start } = startOf(lost(), lost(), lost())
    const started = onFreePorts(undefined, start)
    await expect(started).rejects.toThrow(EnvironmentError)
    await expect(started).rejects.toThrow(
      'replica-1 has lost its port 12345 to another program, and so it went 3 times, on other ports each time; end what takes them',
    )
    expect(calls.count).toBe(3)
  })

  test('has no other port to try when it was chosen', async () => {
    const { calls, start } = startOf(lost())
    const started = onFreePorts(12_345, start)
    await expect(started).rejects.toThrow(EnvironmentError)
    await expect(started).rejects.toThrow('port 12345 is in use; try another one with --port')
    expect(calls.count).toBe(1)
    expect(await onFreePorts(8080, startOf(lost()).start)).toBe('started')
  })

  test('is not confused with one that fails for another reason', async () => {
    const { calls, start } = startOf(new Error('no such strategy'))
    await expect(onFreePorts(undefined, start)).rejects.toThrow('no such strategy')
    expect(calls.count).toBe(1)
  })
})
