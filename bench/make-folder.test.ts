/** Holds the making of folders to ending, also where none can be made. */
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from './make-folder.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

test('what is missing above is made as well, with the mode; what is there stays as it is', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'a', 'b')
  makeFolder(path, 0o700)
  for (const made of [path, join(folder.path, 'a')]) expect(statSync(made).mode & 0o777).toBe(0o700)
  makeFolder(path)
  expect(statSync(path).mode & 0o777).toBe(0o700)
})

test('below a file it fails', () => {
  using folder = temporaryFolder()
  writeFileSync(join(folder.path, 'file'), '')
  for (const path of ['file', 'file/a/b'])
    expect(() => makeFolder(join(folder.path, path))).toThrow(/EEXIST|ENOTDIR/)
})

// Node's recursive mkdir hangs there.
test.runIf(existsSync('/proc/self'))('below /proc it fails', () => {
  for (const path of ['/proc/.cache/sessionbench', '/proc/self/sessionbench/x']) {
    expect(() => makeFolder(path)).toThrow('ENOENT')
  }
})
