/** Starts a program for a test and waits for what it says, never for time to pass. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll } from 'vitest'

/** How a child process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running program with what it has written so far. */
export interface Child {
  readonly process: ChildProcess
  /** Resolves when it has ended and its output is complete. */
  readonly ended: Promise<Ending>
  stdout(): string
  stderr(): string
  /**
   * Resolves with the first line on stdout, past or future, for which `wanted` holds.
   * @throws when the program ends first, with what it wrote
   */
  line(wanted: (line: string) => boolean): Promise<string>
}

const running = new Set<ChildProcess>()
// A test that runs out of time never gets to dispose what it started. Not on the worker's exit: it ends by a signal.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * @param env the whole environment of the child
 * @param input what it reads on stdin, to its end
 */
export function startChild(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  input = '',
): Child {
  const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {}) // it ended without having read everything
  child.stdin.end(input)
  running.add(child)
  child.once('exit', () => running.delete(child))
  const lines: string[] = []
  let errors = ''
  let onLine = () => {}
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    onLine()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Ending)
  const stdout = () => lines.join('\n')
  return {
    process: child,
    ended,
    stdout,
    stderr: () => errors,
    line: (wanted) =>
      new Promise((resolve, reject) => {
        onLine = () => {
          const found = lines.find(wanted)
          if (found !== undefined) resolve(found)
        }
        onLine()
        ended.then(
          ({ code, signal }) =>
            reject(new Error(`${file} ended (${code ?? signal}):\n${stdout()}\n${errors}`)),
          reject,
        )
      }),
  }
}
