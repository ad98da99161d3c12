/** Which saved runs can be compared. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { UsageError } from '../errors.ts'
import { createRunFolder } from '../record/folder.ts'
import { runRecordWith } from '../testing/run-record.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { readSavedRun } from './saved-run.ts'

test.each([
  [
    { status: 'partial' as const, reason: 'interrupted' },
    'is not complete (interrupted): 2 of 2 trials are there',
  ],
  [{ status: 'running' as const }, 'is not complete (it was killed)'],
])('an incomplete run is refused: %j', (change, message) => {
  using out = temporaryFolder()
  const folder = createRunFolder(out.path, 'a-run')
  folder.writeRun(runRecordWith(change))
  expect(() => readSavedRun(folder.path)).toThrow(UsageError)
  expect(() => readSavedRun(folder.path)).toThrow(message)
})

test('a run of another schema version is refused', () => {
  using out = temporaryFolder()
  const folder = createRunFolder(out.path, 'a-run')
  writeFileSync(join(folder.path, 'run.json'), JSON.stringify({ ...runRecordWith(), schemaVersion: 99 }))
  expect(() => readSavedRun(folder.path)).toThrow(/schema version 99\) does not fit this version/)
})

test('a complete run with a trial missing is refused', () => {
  using out = temporaryFolder()
  const folder = createRunFolder(out.path, 'a-run')
  folder.writeRun(runRecordWith())
  expect(() => readSavedRun(folder.path)).toThrow(/memory-1.json is missing/)
})

test('a complete run of which trials failed can be compared, by what it says of them', () => {
  using out = temporaryFolder()
  const folder = createRunFolder(out.path, 'a-run')
  const trials = runRecordWith().trials.map((trial) => ({
    ...trial,
    status: 'failed' as const,
    failures: trial.strategies.map((strategy) => ({ strategy, reason: 'no login' })),
  }))
  folder.writeRun(runRecordWith({ trials }))
  expect(readSavedRun(folder.path)).toMatchObject({
    findings: ['memory', 'redis'].map((strategy) => ({ strategy, metric: 'trialFailed', value: 1 })),
    trials: [],
  })
})
