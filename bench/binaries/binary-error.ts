/** The one error this folder throws: a program is not there, too old, does not run, or could not be fetched. */
import { EnvironmentError } from '../errors.ts'

/** What went wrong: not found anywhere, found but too old, found but not runnable, or the download failed. */
export type BinaryErrorCode = 'missing' | 'too-old' | 'broken' | 'fetch-failed'

/** The machine lacks a program in a usable state; the message says what, where, and what to try. */
export class BinaryError extends EnvironmentError {
  override readonly name = 'BinaryError'
  readonly code: BinaryErrorCode

  constructor(code: BinaryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
