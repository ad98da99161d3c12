/** A member of a cluster that is a container. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ClusterError, EnvironmentError, messageOf } from '../errors.ts'
import type { Member, Tier } from './cluster.ts'
import { docker } from './compose-command.ts'
import { type Engine, EngineError } from './compose-engine.ts'
import { engineTime, logLines } from './compose-log.ts'
import { type UsageSource, usageSource } from './compose-usage.ts'
import { lastLines } from './last-lines.ts'
import { PortLostError } from './ports.ts'
import { type Wait, waitUntil } from './ready.ts'
import { untilReloaded } from './route.ts'

const readyWithinMs = 20_000
const stopGraceSeconds = 10
/** How long the end of a log may take after its container has ended. */
const logEndsWithinMs = 5_000
const keptLines = 12

/** What a container is to its cluster. */
export interface ContainerDescription {
  readonly name: string
  readonly tier: Tier
  /** The container's number, as the Engine gave it. */
  readonly id: string
  /** Part of the line that it writes when it begins to serve. */
  readonly readyLine?: string
  /** Its port on 127.0.0.1; absent: it has none. */
  readonly port?: number
  /** Whether it serves now; asked once the line is there, or at once where there is none to wait for. */
  answers?(signal: AbortSignal): Promise<boolean>
}

interface ContainerState {
  readonly Running: boolean
  /** Another one after each start. */
  readonly StartedAt: string
  readonly OOMKilled: boolean
  readonly ExitCode: number
  readonly Pid: number
  readonly FinishedAt: string
  /** Why it could not be started. */
  readonly Error: string
}

/** One life of a container, from a start to its end. */
interface Life {
  /** Resolves, never rejects, with how it ended. */
  readonly ended: Promise<string>
  /** Stops following its log. */
  readonly unfollow: AbortController
  saidReady: boolean
  /** The Engine went away while its log was followed. */
  engineGone: EnvironmentError | null
  usage: UsageSource | null
  /** How it ended; `null` as long as it has not. */
  endedAs: string | null
  /** When it began, in the Engine's words. */
  startedAt: string
}

/** A container that can be stopped, killed and started again; it keeps its name, address and data. */
export class ContainerMember implements Member, AsyncDisposable {
  readonly name: string
  readonly tier: Tier
  readonly #description: ContainerDescription
  readonly #engine: Engine
  readonly #lines: string[] = []
  #life: Life | null = null
  /** Whether it was stopped or killed on purpose. */
  #down = true

  constructor(description: ContainerDescription, engine: Engine) {
    this.name = description.name
    this.tier = description.tier
    this.#description = description
    this.#engine = engine
  }

  async start(signal: AbortSignal = new AbortController().signal): Promise<void> {
    await this.launch(signal)
    await this.ready(signal)
  }

  /** Starts the container and follows its log; it is not waited for until it serves. */
  async launch(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const since = engineTime((await this.#inspect()).FinishedAt)
    // Not given up half way: who aborts wants to know what there is to remove.
    try {
      await this.#engine.request('POST', `${this.#path}/start`)
    } catch (error) {
      throw this.#startError(error)
    }
    this.#down = false
    this.#life = this.#follow(since)
    const { Running, Pid, StartedAt } = await this.#inspect()
    this.#life.startedAt = StartedAt
    if (Running) this.#life.usage = usageSource(this.#engine, this.#description.id, Pid)
    signal.throwIfAborted()
  }

  /** Waits until it serves. */
  async ready(signal: AbortSignal): Promise<void> {
    const life = this.#life
    if (life === null) throw new RangeError(`${this.name} has not been started`)
    const { readyLine, answers } = this.#description
    const isReady = async (waiting: AbortSignal) =>
      (readyLine === undefined || life.saidReady) && (answers === undefined || (await answers(waiting)))
    await waitUntil(isReady, this.#wait(life, signal)).catch((error: unknown) => {
      throw life.engineGone ?? error
    })
  }

  /**
   * Has it reload its configuration; resolves when `entry` serves by that alone. For nginx.
   * @param command writes the configuration and tells nginx, inside the container, as its own user
   * @param env settings that are other than the container's own
   */
  async reload(
    entry: URL,
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<void> {
    this.#expectNotEnded()
    const life = this.#life
    if (life === null) throw new RangeError(`${this.name} has not been started`)
    const settings = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
    const tell = async () => {
      const told = await docker(['exec', ...settings, this.#description.id, ...command], { signal })
      if (told.exitCode !== 0)
        throw new ClusterError(`${this.name} could not be configured; it said:\n${told.tail}`)
    }
    await untilReloaded(entry, tell, this.#wait(life, signal)).catch((error: unknown) => {
      throw life.engineGone ?? error
    })
  }

  async stop(signal?: AbortSignal): Promise<void> {
    await this.#end('stop', { t: stopGraceSeconds }, signal)
  }

  async kill(): Promise<void> {
    await this.#end('kill', { signal: 'SIGKILL' })
  }

  async cpuMicros(): Promise<number | null> {
    this.#expectNotEnded()
    return this.#down ? null : ((await this.#life?.usage?.cpuMicros()) ?? null)
  }

  async memoryBytes(): Promise<number | null> {
    this.#expectNotEnded()
    return this.#down ? null : ((await this.#life?.usage?.memoryBytes()) ?? null)
  }

  async expectAlive(): Promise<void> {
    const life = this.#life
    if (this.#down || life === null) return
    this.#expectNotEnded()
    const state = await this.#inspectIfThere()
    if (state === null) throw this.#endedByItself('its container was removed')
    if (state.Running && state.StartedAt === life.startedAt) return
    await this.#untilLogEnds(life)
    throw this.#endedByItself(state.Running ? 'somebody has started it again' : howItEnded(state))
  }

  logTail(): string {
    return lastLines(this.#lines.join('\n'), keptLines)
  }

  /** Lets go of its log. The container itself is removed with its cluster. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#down = true
    this.#life?.unfollow.abort()
    await this.#life?.ended
  }

  get #path(): string {
    return `/containers/${this.#description.id}`
  }

  #wait({ ended }: Life, signal: AbortSignal): Wait {
    return { name: this.name, signal, timeoutMs: readyWithinMs, ended, logTail: () => this.logTail() }
  }

  async #inspect(): Promise<ContainerState> {
    return (await this.#engine.request<{ State: ContainerState }>('GET', `${this.#path}/json`)).State
  }

  /** `null` when somebody has removed it. */
  async #inspectIfThere(): Promise<ContainerState | null> {
    const path = `${this.#path}/json`
    const found = await this.#engine.request<{ State: ContainerState } | undefined>('GET', path, {
      accept: [404],
    })
    return found?.State ?? null
  }

  async #end(how: 'stop' | 'kill', query: Readonly<Record<string, string | number>>, signal?: AbortSignal) {
    await this.expectAlive()
    if (this.#down) return
    this.#down = true
    // 409: it has ended by itself in the meantime.
    await this.#engine.request('POST', `${this.#path}/${how}`, {
      query,
      accept: [409],
      ...(signal && { signal }),
    })
    if (this.#life === null) return
    await this.#untilLogEnds(this.#life)
    this.#life.unfollow.abort()
  }

  /** The last words come after the end. */
  async #untilLogEnds({ ended }: Life): Promise<void> {
    const enough = new AbortController()
    await Promise.race([ended, sleep(logEndsWithinMs, undefined, { signal: enough.signal }).catch(() => {})])
    enough.abort()
  }

  /** @throws {ClusterError} when it has ended although nobody ended it: what is measured then means nothing */
  #expectNotEnded(): void {
    const endedAs = this.#life?.endedAs ?? null
    if (this.#down || endedAs === null) return
    if (this.#life?.engineGone) throw this.#life.engineGone
    throw this.#endedByItself(endedAs)
  }

  #endedByItself(how: string): ClusterError {
    return new ClusterError(`${this.name} ended by itself (${how}); its last words:\n${this.logTail()}`, {
      ended: this.name,
    })
  }

  #follow(since: string): Life {
    const unfollow = new AbortController()
    const follow = async () => {
      const stream = await this.#engine.stream(`${this.#path}/logs`, {
        query: { follow: true, stdout: true, stderr: true, since },
        signal: unfollow.signal,
      })
      for await (const line of logLines(stream)) {
        this.#lines.push(line)
        if (this.#lines.length > keptLines) this.#lines.shift()
        if (line.includes(this.#description.readyLine ?? '\0')) life.saidReady = true
      }
      return howItEnded(await this.#inspect())
    }
    const ended = follow()
      .catch((error: unknown) => {
        if (error instanceof EnvironmentError) life.engineGone = error
        return messageOf(error)
      })
      .then((how) => {
        life.endedAs = how
        return how
      })
    const life: Life = {
      ended,
      unfollow,
      saidReady: false,
      engineGone: null,
      usage: null,
      endedAs: null,
      startedAt: '',
    }
    return life
  }

  #startError(error: unknown): unknown {
    if (!(error instanceof EngineError)) return error
    const { port } = this.#description
    const taken = /port is already allocated|address already in use|ports are not available/i
    if (port !== undefined && taken.test(error.message)) return new PortLostError(this.name, port, error)
    return new ClusterError(`${this.name} cannot be started: ${error.message}`, { cause: error })
  }
}

function howItEnded({ OOMKilled, ExitCode, Error: reason }: ContainerState): string {
  if (OOMKilled) return 'killed because it used more memory than its limit allows'
  if (reason !== '') return reason
  return ExitCode === 137 ? 'SIGKILL' : `exit code ${ExitCode}`
}
