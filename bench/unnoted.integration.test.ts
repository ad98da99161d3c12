/** Holds a command that cannot note down what it has started to leaving none of it behind. */
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openScene, type Scene } from './testing/command.ts'
import { until } from './testing/until.ts'

vi.setConfig({ testTimeout: 60_000 })

let scene: Scene
beforeEach(() => {
  scene = openScene()
})
afterEach(() => scene[Symbol.dispose]())

test('what cannot be noted down is not left running', async () => {
  const go = join(scene.path, 'go')
  const nginx = join(scene.path, 'nginx')
  writeFileSync(
    nginx,
    `#!/bin/sh
[ "$1" = -v ] || exec sleep 600
while [ ! -e '${go}' ]; do sleep 0.01; done
echo 'nginx version: nginx/1.22.1' >&2\n`,
  )
  chmodSync(nginx, 0o755)
  const command = scene.start(['cluster', '--driver', 'local', '--strategy', 'memory'], {
    SESSIONBENCH_NGINX: nginx,
  })
  await until(() => scene.leftFolders().length > 0)
  const [workspace] = scene.leftFolders()
  symlinkSync('no-such-folder/list', join(scene.temporary, workspace!, 'processes.jsonl'))
  writeFileSync(go, '')
  expect(await command.ended).toBe(1)
  expect(command.stderr()).toContain('ENOENT')
  await until(() => scene.leftProcesses().length === 0)
  expect(scene.leftFolders()).toEqual([])
})
