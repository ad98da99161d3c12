/** Holds the question for room to a device that never has any, for anybody. */
import { existsSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { concernsEverybody, messageOf } from '../errors.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { roomProblem } from './room.ts'

test('there is room, and nothing is left of the question', () => {
  using folder = temporaryFolder()
  expect(roomProblem(folder.path)).toBeNull()
  expect(readdirSync(folder.path)).toEqual([])
})

test('a folder that is gone has no problem with room', () => {
  expect(roomProblem('/nowhere')).toBeNull()
})

if (existsSync('/dev/full')) {
  test('a full file system is named, with how to choose another, and concerns everybody', () => {
    using folder = temporaryFolder()
    symlinkSync('/dev/full', join(folder.path, 'room'))
    const problem = roomProblem(folder.path)
    expect(messageOf(problem)).toBe(
      `no space left on the device for ${folder.path}; make room, or choose another folder with TMPDIR`,
    )
    expect(concernsEverybody(problem)).toBe(true)
    expect(readdirSync(folder.path)).toEqual([])
  })
}
