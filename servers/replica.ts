/** Entry of one replica: configuration, strategy, app, listen, announce; then serve until a signal says stop. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { getSystemErrorMessage } from 'node:util'
import { createApp } from './app.ts'
import { ConfigError, type ReplicaConfig, readConfig } from './config.ts'
import { drainable } from './drain.ts'
import { log } from './log.ts'
import { StartError } from './start-error.ts'
import { strategyNamed } from './strategies/index.ts'

/**
 * Longer than nginx keeps an idle upstream connection (60 s). With Node's 5 s the replica would be the one to close,
 * now and then just as a request arrives, which the visitor sees as a 502.
 */
const KEEP_ALIVE_MS = 75_000

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const strategy = await strategyNamed(config.strategy).open(config)
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS })
  const traffic = drainable(server)
  server.on('request', createApp({ name: config.name, strategy, accepting: () => !traffic.draining }))
  const port = await listen(server, config)

  async function stop(): Promise<void> {
    if (traffic.draining) return
    const cut = await traffic.drain(config.drainLimitMs)
    if (cut > 0) log(config.name, `cut ${cut} unanswered requests after ${config.drainLimitMs} ms`)
    await strategy[Symbol.asyncDispose]()
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  process.stdout.write(`${JSON.stringify({ event: 'listening', name: config.name, port })}\n`)
}

/** @returns the port, which the system chose if the configuration says 0 */
async function listen(server: Server, { name, host, port }: ReplicaConfig): Promise<number> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const { errno, message } = cause as NodeJS.ErrnoException
    const reason = errno === undefined ? message : getSystemErrorMessage(errno)
    throw new StartError(`${name}: cannot listen on ${host}:${port}: ${reason}`, { cause })
  }
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

main().catch((error: unknown) => {
  // Anything else is a defect of the replica, and its stack trace is wanted.
  const line = error instanceof ConfigError || error instanceof StartError ? error.message : undefined
  if (line === undefined) throw error
  process.stderr.write(`${line}\n`)
  process.exit(1)
})
