/** Asks git, and turns its ways of failing into messages that say what to do. */
import { execFile } from 'node:child_process'
import { EnvironmentError, UsageError } from '../errors.ts'

export interface GitAnswer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs git in `folder`; a code other than 0 is an answer as well.
 * @param env beside the environment of this process
 * @throws {EnvironmentError} when there is no git
 */
export function askGit(
  folder: string,
  args: readonly string[],
  signal?: AbortSignal,
  env: NodeJS.ProcessEnv = {},
): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      // Hooks of the repository are not ours to run: a post-checkout hook may install, build or refuse.
      ['-c', 'core.hooksPath=/dev/null', ...args],
      {
        cwd: folder,
        env: { ...process.env, ...env },
        encoding: 'utf8',
        maxBuffer: 2 ** 24,
        ...(signal === undefined ? {} : { signal }),
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ code: 0, stdout: stdout.trim(), stderr })
        if (signal?.aborted) return reject(signal.reason)
        const { code } = error as { code?: number | string | null }
        if (typeof code === 'number') return resolve({ code, stdout: stdout.trim(), stderr: stderr.trim() })
        const why = code === 'ENOENT' ? 'it is not installed, or not in PATH' : error.message
        reject(
          new EnvironmentError(`git cannot be run: ${why}; the gate needs it to check out the base`, {
            cause: error,
          }),
        )
      },
    )
  })
}

/** The one line that git prints. @throws {UsageError} with what git said */
export async function git(
  folder: string,
  args: readonly string[],
  signal?: AbortSignal,
  env?: NodeJS.ProcessEnv,
): Promise<string> {
  const { code, stdout, stderr } = await askGit(folder, args, signal, env)
  if (code === 0) return stdout
  throw new UsageError(`git ${args.join(' ')} failed: ${stderr || `exit code ${code}`}`)
}
