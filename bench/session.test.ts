/** Holds a session to its ways out, in a process of its own that gets real signals. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from './testing/temporary-folder.ts'

const session = JSON.stringify(new URL('session.ts', import.meta.url).href)

/** A session whose work is `work`, a script that knows `signal`, and with no Docker in the PATH. */
function start(work: string, environment: NodeJS.ProcessEnv = {}) {
  const folder = temporaryFolder()
  const script = `const { inSession } = await import(${session})
    const say = (line) => process.stderr.write(line + '\\n')
    const alive = setInterval(() => {}, 60_000)
    await inSession(process.exit, say, async (workspace, signal) => { ${work} }).catch((error) => say(error.name))
    clearInterval(alive)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { PATH: '', TMPDIR: folder.path, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'close')
  let text = ''
  const chunks = child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return {
    child,
    ended: ended.then(([code]) => code as number | null),
    text: () => text,
    async says(line: string) {
      while (!text.includes(line)) await once(chunks, 'data')
    },
    left: () => readdirSync(folder.path),
    [Symbol.dispose]() {
      child.kill('SIGKILL')
      folder[Symbol.dispose]()
    },
  }
}

const untilAborted = `say('working'); await new Promise((resolve) => signal.addEventListener('abort', resolve));`

test('one interruption comes twice, from the terminal and through npm, and leaves time to stop in order', async () => {
  using scene = start(
    `${untilAborted} say('stopping'); await new Promise((resolve) => setImmediate(resolve)); say('done')`,
  )
  await scene.says('working')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT'] as const) scene.child.kill(signal)
  expect(await scene.ended).toBe(0)
  expect(scene.text()).toMatch(/^working\nSIG(INT|TERM): stopping everything\nstopping\ndone\n$/)
  expect(scene.left()).toEqual([])
})

test('a second interruption ends it at once, with all that was started', async () => {
  using scene = start(`${untilAborted} say('stuck'); await new Promise(() => {})`)
  await scene.says('working')
  scene.child.kill('SIGTERM')
  await scene.says('once more to kill it at once')
  scene.child.kill('SIGTERM')
  expect(await scene.ended).toBe(130)
  expect(scene.left()).toEqual([])
})

test('interrupted while it looks for what others have left, it never begins', async () => {
  using folder = temporaryFolder()
  // Looking begins with asking where the Engine is.
  const docker = '#!/bin/sh\nkill -TERM $PPID\nexec /bin/sleep 600\n'
  writeFileSync(join(folder.path, 'docker'), docker, { mode: 0o755 })
  using scene = start(`say('working')`, { PATH: folder.path })
  expect(await scene.ended).toBe(0)
  expect(scene.text()).toBe('SIGTERM: stopping everything\nAbortError\n')
  expect(scene.left()).toEqual([])
})
