/** Small real processes for tests, each leading a group of its own, and none of them left when a test file ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll } from 'vitest'

const groups = new Set<number>()
afterAll(() => {
  for (const group of groups) kill(-group)
})

/** The leader of a process group. */
export interface Leader {
  readonly pid: number
  readonly process: ChildProcess
  /** Resolves with the next whole line that it writes. */
  line(): Promise<string>
  /** SIGKILL to it alone; resolves when it has ended. */
  kill(): Promise<void>
}

/** Runs a shell script in a group of its own. */
export async function startGroup(script: string): Promise<Leader> {
  const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child, 'spawn')
  const pid = child.pid!
  groups.add(pid)
  const ended = once(child, 'exit')
  let text = ''
  let wake = () => {}
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    wake()
  })
  return {
    pid,
    process: child,
    async line() {
      while (!text.includes('\n')) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const at = text.indexOf('\n')
      const line = text.slice(0, at)
      text = text.slice(at + 1)
      return line
    },
    async kill() {
      kill(pid)
      await ended
    },
  }
}

function kill(target: number): void {
  try {
    process.kill(target, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
