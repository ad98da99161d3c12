/** What a running cluster offers to experiments, whichever driver started it. */
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'

/** The parts of a cluster whose resource use is accounted for separately. */
export type Tier = 'replica' | 'nginx' | 'store'

/** What to start. */
export interface ClusterSpec {
  readonly strategy: StrategyInfo
  /** What a trial that has two clusters of one strategy calls this one; absent: the strategy's name. */
  readonly as?: string
  /** How many replicas stand behind the balancer, at least 1. */
  readonly replicas: number
  /** Port of the entry on 127.0.0.1; absent: a free one. */
  readonly port?: number
}

/** What the findings about a cluster call it. */
export function nameOf({ strategy, as }: ClusterSpec): string {
  return as ?? strategy.name
}

/** One part of a running cluster that can be stopped, killed and started again. */
export interface Member {
  /** Unique in its cluster, e.g. `replica-1`, `nginx`, `redis`. */
  readonly name: string
  readonly tier: Tier
  /**
   * SIGTERM; resolves when it has ended (SIGKILL after a grace time). Nobody waits for it once the signal is aborted.
   * @throws {ClusterError} as `cpuMicros` does
   * @throws the signal's reason when it is aborted
   */
  stop(signal?: AbortSignal): Promise<void>
  /** SIGKILL; resolves when it has ended. @throws {ClusterError} as `cpuMicros` does */
  kill(): Promise<void>
  /** Starts it again after `stop` or `kill`, with the same name and data; resolves when it is ready to serve. */
  start(signal?: AbortSignal): Promise<void>
  /**
   * Makes sure that it is what was last started; one that was stopped or killed on purpose has nothing to prove. Asks the
   * system itself, so it also sees what ended a moment ago.
   * @throws {ClusterError} when it has ended although nobody stopped or killed it, with its last words, or was replaced
   */
  expectAlive(): Promise<void>
  /**
   * CPU time used since its birth (all threads and child processes), in microseconds; `null` where the system cannot tell.
   * @throws {ClusterError} when it has ended although nobody stopped or killed it, with its last words
   */
  cpuMicros(): Promise<number | null>
  /**
   * The part of `cpuMicros` that its first thread has used, which in Node runs the JavaScript; the rest is the
   * compiler's and the garbage collector's. Where a driver cannot tell threads apart it has no such method.
   */
  mainThreadCpuMicros?(): Promise<number | null>
  /** Resident memory in bytes; `null` where the system cannot tell. @throws {ClusterError} as `cpuMicros` does */
  memoryBytes(): Promise<number | null>
  /**
   * The commands that a store has processed since its birth, by its own count, this question included. Members that
   * keep no such count, or cannot be asked from here, have no such method.
   * @throws when it does not answer
   */
  commandsProcessed?(): Promise<number>
  /** The last lines it wrote, for error messages. */
  logTail(): string
}

/** A running cluster. Disposing stops and removes everything that was started for it. */
export interface Cluster extends AsyncDisposable {
  readonly spec: ClusterSpec
  /** Where the balancer answers, e.g. `http://127.0.0.1:20480`. */
  readonly entry: URL
  readonly replicas: readonly Member[]
  readonly balancer: Member
  /** The stores the strategy needs; empty when it needs none. */
  readonly stores: readonly Member[]
  /**
   * Has the balancer serve with the first `count` replicas alone, as if there were no others: these run on and are asked
   * nothing. Resolves when every connection opened from then on is served so; those opened before are closed as soon as
   * no request is under way on them. A fresh cluster serves with all its replicas, and so does one whose balancer was
   * stopped or killed and is started again.
   * @throws {RangeError} when there are not as many replicas
   */
  routeTo(count: number, signal?: AbortSignal): Promise<void>
}

/** A way to run clusters: as local processes, in containers, … */
export interface Driver extends AsyncDisposable {
  readonly name: string
  /** Versions of what it runs, by program, for the record of a run. */
  readonly versions: Readonly<Record<string, string>>
  /**
   * Starts a cluster and resolves when every member is ready and the entry has answered.
   * @throws when a member fails to start, with the last lines of its log; whatever was started is stopped first.
   */
  start(spec: ClusterSpec, signal: AbortSignal): Promise<Cluster>
  /**
   * What is wrong with the machine that its clusters run on, from which whatever failed just now can follow; `null` when
   * nothing is. A driver that cannot tell has no such method.
   */
  trouble?(): unknown
}
