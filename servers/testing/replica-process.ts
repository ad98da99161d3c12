/** Starts real replicas as processes of their own, the way a driver does. */
import { fileURLToPath } from 'node:url'
import { type Child, type Ending, startChild } from './child-process.ts'

const ENTRY = fileURLToPath(new URL('../replica.ts', import.meta.url))

/** A replica that listens. Disposing kills it if it still runs. */
export interface ReplicaProcess extends AsyncDisposable {
  readonly name: string
  readonly port: number
  /** e.g. `http://127.0.0.1:20480`. */
  readonly origin: string
  readonly child: Child
  /** Sends SIGTERM, resolves when the process has ended. */
  stop(): Promise<Ending>
}

/** The environment of a replica, on a port of the system's choice unless `env` says otherwise. */
export function replicaEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, PORT: '0', SESSION_SECRET: 'a secret only for tests', ...env }
}

/** Starts `replica.ts` with nothing in its environment but `env`, whether it gets to listen or not. */
export function spawnReplica(env: NodeJS.ProcessEnv): Child {
  return startChild(process.execPath, [ENTRY], env)
}

/** Resolves when the replica has announced that it listens. */
export async function startReplica(env: NodeJS.ProcessEnv): Promise<ReplicaProcess> {
  const child = spawnReplica(replicaEnv(env))
  const { name, port } = JSON.parse(await child.line((line) => line.includes('"listening"')))
  async function end(signal: NodeJS.Signals): Promise<Ending> {
    child.process.kill(signal)
    return await child.ended
  }
  return {
    name,
    port,
    origin: `http://127.0.0.1:${port}`,
    child,
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  }
}
