/** Starts real Redis servers for tests, configured like the services that strategies need. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Service } from '../strategies/strategy.ts'
import { type Child, startChild } from './child-process.ts'
import { type Program, programNamed } from './programs.ts'

const PERSISTENCE: Readonly<Record<Service, readonly string[]>> = {
  redis: [],
  'redis-aof': ['--appendonly', 'yes', '--appendfsync', 'everysec'],
}

/** A Redis that runs, or ran. Disposing kills it and removes its data. */
export interface RedisProcess extends AsyncDisposable {
  readonly url: string
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>
  /** Starts it again on the same port with the same data; resolves when it is ready. */
  start(): Promise<void>
  /** SIGSTOP: it keeps its connections and answers nothing. */
  freeze(): void
  /** SIGCONT, after `freeze`. */
  thaw(): void
}

const running = new Set<AsyncDisposable>()
// A test that runs out of time never gets to dispose what it started.
afterAll(async () => {
  for (const redis of running) await redis[Symbol.asyncDispose]()
})

/**
 * Resolves when Redis accepts connections.
 * @throws what the program said, when it cannot be started or ends before that; no folder is left behind
 */
export async function startRedis(
  service: Service = 'redis',
  program: Program = programNamed('redis-server'),
): Promise<RedisProcess> {
  const port = await freePort()
  const dir = await mkdtemp(join(tmpdir(), 'sessionbench-test-redis-'))
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, ...PERSISTENCE[service]]
  let child: Child | undefined

  async function start(): Promise<void> {
    child = startChild(program.path, args, { ...process.env, ...program.env })
    await child.line((line) => line.includes('Ready to accept connections'))
  }
  async function kill(): Promise<void> {
    if (child?.process.pid === undefined) return // it could not be started
    child.process.kill('SIGKILL')
    await child.ended
  }
  const redis: RedisProcess = {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    freeze: () => void child?.process.kill('SIGSTOP'),
    thaw: () => void child?.process.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      running.delete(redis)
      await kill()
      await rm(dir, { recursive: true, force: true })
    },
  }
  running.add(redis)
  try {
    await start()
    return redis
  } catch (error) {
    await redis[Symbol.asyncDispose]()
    throw error
  }
}

/**
 * Below 32768, where Linux takes the ports of outgoing connections from: there another program could get the port while
 * a test has Redis stopped.
 */
async function freePort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 12_000)
  const free = await new Promise<boolean>((resolve) => {
    const probe = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
  return free ? port : freePort()
}
