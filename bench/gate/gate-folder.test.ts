/** Holds the folder of a gate to staying one, whatever somebody does to it. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { createGateFolder } from './gate-folder.ts'
import { pairWith } from './testing/pairs.ts'

test('a folder that is removed during the gate is made again, and that is told', () => {
  using out = temporaryFolder()
  const said: string[] = []
  const folder = createGateFolder(out.path, 'a-gate', (line) => said.push(line))
  folder.appendPair(pairWith({}, { index: 0 }))
  rmSync(join(out.path, 'gates'), { recursive: true })
  folder.appendPair(pairWith({}, { index: 1 }))
  const lines = readFileSync(join(out.path, 'gates', 'latest', 'pairs.jsonl'), 'utf8')
    .trim()
    .split('\n')
  expect(lines.map((line) => JSON.parse(line).index)).toEqual([1])
  expect(said).toEqual([
    `${folder.path} was removed while the gate goes on; it was made again, without the pairs that were in it`,
  ])
})
