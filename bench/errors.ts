/** The errors the command line tells apart: each knows the exit code it leads to. */

/** Exit codes of every command. */
export const ExitCode = {
  pass: 0,
  /** The harness itself failed. */
  harness: 1,
  /** Wrong arguments, or an environment that cannot run what was asked for. */
  usage: 2,
  /** Everything was run, but trials failed: a strategy could not be measured. */
  trialFailed: 3,
  /** The gate failed. */
  failed: 99,
  /** Interrupted by a signal. */
  interrupted: 130,
} as const

/** What was asked for makes no sense; the message names the input, what was expected and what to try. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** This machine cannot do what was asked for now; the message says what is missing and how to get it. */
export class EnvironmentError extends Error {
  override readonly name: string = 'EnvironmentError'
}

/** A part of a cluster did not start, or died; the message carries the last lines of its log. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  /** The member that has ended by itself, when that is what happened. */
  readonly ended: string | undefined
  constructor(message: string, { ended, ...options }: ErrorOptions & { readonly ended?: string } = {}) {
    super(message, options)
    this.ended = ended
  }
}

/** @returns the exit code that `error` leads to */
export function exitCodeOf(error: unknown): number {
  const parts = partsOf(error)
  if (parts.some((part) => part instanceof UsageError || part instanceof EnvironmentError)) {
    return ExitCode.usage
  }
  if (parts.some(isAbort)) return ExitCode.interrupted
  return ExitCode.harness
}

/** What went wrong first, and what then went wrong in cleaning up after it, which JavaScript wraps into one error. */
function partsOf(error: unknown): unknown[] {
  return error instanceof SuppressedError ? [...partsOf(error.suppressed), ...partsOf(error.error)] : [error]
}

/** Of which there is not enough for anybody, whoever asked first. */
const sharedResources = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM']

/**
 * Whether `error` is of the harness or the machine, so that whatever comes next would fail as well; any other is of the
 * strategy that was being measured. The balancer is the harness's own: no strategy can end it.
 */
export function concernsEverybody(error: unknown): boolean {
  const isShared = (part: unknown) =>
    part instanceof UsageError ||
    part instanceof EnvironmentError ||
    (part instanceof ClusterError && part.ended === 'nginx')
  return partsOf(error).some(isShared) || sharedResources.includes(systemCode(error) ?? '')
}

/** Whether `error` says that a wait was given up because its signal was aborted. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** The system's error code (`ENOSPC`, `EACCES`, …) of `error` or of one of its causes, if it has one. */
export function systemCode(error: unknown): string | undefined {
  for (const part of partsOf(error)) {
    for (let at: unknown = part; at instanceof Error; at = at.cause) {
      const code = (at as NodeJS.ErrnoException).code
      if (typeof code === 'string') return code
    }
  }
  return undefined
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return partsOf(error)
    .map((part) => (part instanceof Error ? part.message : String(part)))
    .join('; then, while stopping: ')
}

/** The option or variable that a folder comes from. */
type ChosenBy = '--out' | '--file' | 'TMPDIR'

/**
 * Does `write`; when there is no room the error names the folder and what to do, which the system's does not.
 * @param chosenBy the option or variable that the folder comes from
 */
export function withRoom<T>(folder: string, chosenBy: ChosenBy, write: () => T): T {
  try {
    return write()
  } catch (cause) {
    const code = systemCode(cause)
    if (code === 'ENOSPC' || code === 'EDQUOT') throw noRoom(folder, chosenBy, cause)
    if (code === 'EFBIG') {
      throw new Error(
        `files in ${folder} may not become large enough: there is a limit on their size; raise it (ulimit -f)`,
        { cause },
      )
    }
    throw cause
  }
}

/** That a file system is full, whoever noticed it. */
export function noRoom(folder: string, chosenBy: ChosenBy, cause?: unknown): Error {
  return new Error(
    `no space left on the device for ${folder}; make room, or choose another folder with ${chosenBy}`,
    { cause: cause ?? Object.assign(new Error('there is hardly any room'), { code: 'ENOSPC' }) },
  )
}

/** What to tell whoever typed the command. */
export function describeError(error: unknown): string {
  return `sessionbench: ${messageOf(error)}`
}
