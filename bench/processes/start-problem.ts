/** Why a program could not be started, in words that help where the system's do not. */
import { EnvironmentError, systemCode } from '../errors.ts'

/** @param error as `spawn` throws it, or tells it by an event @returns what to throw instead */
export function startProblem(error: unknown): unknown {
  if (systemCode(error) !== 'EAGAIN') return error
  return new EnvironmentError(
    'the system starts no more processes (EAGAIN): end some, or raise the limit (ulimit -u; pids of a container)',
    { cause: error },
  )
}
