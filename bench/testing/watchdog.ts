/** Ends what a test has started even when the test's own process is killed, and none of its hooks run any more. */
import { spawn } from 'node:child_process'

/**
 * Sends SIGINT to `pid` as soon as this process has ended, however it ends. Disposing calls it off.
 * The pipe to the shell is the signal: the system closes it with the process that holds the other end.
 */
export function endWithThisProcess(pid: number): Disposable {
  const shell = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // a kill of the whole group, as by Ctrl-C, must not take it along
  })
  shell.unref()
  return { [Symbol.dispose]: () => void shell.kill('SIGKILL') }
}
