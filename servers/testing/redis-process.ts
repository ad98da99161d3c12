/** Starts real Redis servers for tests, configured like the services that strategies need. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Service } from '../strategies/strategy.ts'
import { type Child, startChild } from './child-process.ts'

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

/** Resolves when Redis accepts connections. */
export async function startRedis(service: Service = 'redis'): Promise<RedisProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'sessionbench-test-redis-'))
  const port = await freePort()
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, ...PERSISTENCE[service]]
  let child: Child

  async function start(): Promise<void> {
    child = startChild(redisServerProgram(), args)
    await child.line((line) => line.includes('Ready to accept connections'))
  }
  async function kill(): Promise<void> {
    child.process.kill('SIGKILL')
    await child.ended
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    freeze: () => void child.process.kill('SIGSTOP'),
    thaw: () => void child.process.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Where redis-server is: named by SESSIONBENCH_REDIS_SERVER, else on the PATH. */
function redisServerProgram(): string {
  return process.env.SESSIONBENCH_REDIS_SERVER || 'redis-server'
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
