/** Starts real Redis servers for tests, configured like the services that strategies need. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Service } from '../strategies/strategy.ts'
import { type Child, startChild } from './child-process.ts'
import { type Program, programNamed } from './programs.ts'

/** Redis's default save points, written out for versions before 7; with the file that `redis-aof` asks for. */
const SAVE_POINTS = ['save 3600 1', 'save 300 100', 'save 60 10000']
const PERSISTENCE: Readonly<Record<Service, readonly string[]>> = {
  redis: SAVE_POINTS,
  'redis-aof': [...SAVE_POINTS, 'appendonly yes', 'appendfsync everysec'],
}

/** A Redis that runs, or ran. Disposing kills it and removes its data. */
export interface RedisProcess extends AsyncDisposable {
  /** With its password. */
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
  const password = randomBytes(24).toString('hex')
  // On stdin, for a command line can be read by every user of the machine, who can all connect to the port.
  const configuration = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${JSON.stringify(dir)}`,
    `user default on >${password} ~* +@all -@admin -@dangerous -@scripting +info`,
    ...PERSISTENCE[service],
    '',
  ].join('\n')
  let child: Child | undefined

  async function start(): Promise<void> {
    child = startChild(program.path, ['-'], { ...process.env, ...program.env }, configuration)
    await child.line((line) => line.includes('Ready to accept connections'))
  }
  async function kill(): Promise<void> {
    if (child?.process.pid === undefined) return // it could not be started
    child.process.kill('SIGKILL')
    await child.ended
  }
  const redis: RedisProcess = {
    url: `redis://:${password}@127.0.0.1:${port}`,
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
