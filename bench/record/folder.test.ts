/** Holds the folder of a run to what readers rely on: whole files, checked both ways, and errors that say what to do. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { EnvironmentError, systemCode, UsageError } from '../errors.ts'
import { fullDiskFor } from '../testing/full-disk.ts'
import { runRecordWith } from '../testing/run-record.ts'
import { type TemporaryFolder, temporaryFolder } from '../testing/temporary-folder.ts'
import {
  checkOut,
  createRunFolder,
  findRun,
  newRunId,
  openForWriting,
  readRun,
  readSummary,
  readTrial,
  spaceProblem,
} from './folder.ts'
import { schemaVersion } from './run-record.ts'
import type { Summary } from './summary.ts'

let temporary: TemporaryFolder
let out: string
beforeEach(() => {
  temporary = temporaryFolder()
  out = join(temporary.path, 'results')
})
afterEach(() => temporary[Symbol.dispose]())

const summary: Summary = {
  schemaVersion,
  run: 'x',
  status: 'complete',
  findings: [
    {
      strategy: 'memory',
      experiment: 'login-persistence',
      case: '3',
      metric: 'recognisedShare',
      value: 1 / 3,
      unit: 'share',
      low: null,
      high: null,
      verdict: 'fail',
      note: '',
    },
  ],
}

describe('before a run', () => {
  test('the folder for results is made, with those above it, and may be there already', () => {
    const deep = join(out, 'deep', 'down')
    checkOut(deep)
    checkOut(deep)
    expect(readdirSync(deep)).toEqual([])
  })

  test('a file in the way is named', () => {
    writeFileSync(out, '')
    for (const path of [out, join(out, 'below')]) {
      expect(() => checkOut(path)).toThrow(EnvironmentError)
      expect(() => checkOut(path)).toThrow(
        `results cannot be written to ${path}: there is a file of that name in the way; choose another folder with --out`,
      )
    }
  })

  // Where nobody may make a folder, not even root, whom permissions do not stop.
  const forbidden = ['/sys', '/proc'].find((path) => existsSync(path))
  if (forbidden !== undefined) {
    test('a folder that cannot be written to is named', () => {
      const path = join(forbidden, 'sessionbench-results')
      expect(() => checkOut(path)).toThrow(EnvironmentError)
      expect(() => checkOut(path)).toThrow(`results cannot be written to ${path}: `)
    })
  }

  test.each([
    ['nothing', 0, /^only 0 MiB are free for out, at least 32 are needed; make room or choose/],
    ['almost nothing', 32 * 256 - 1, /^only 31 MiB are free/],
    ['just enough', 32 * 256, null],
  ])('%s free', (_, bavail, expected) => {
    const problem = spaceProblem('out', { bavail, bsize: 4096, blocks: 1_000_000 })
    if (expected === null) expect(problem).toBeNull()
    else expect(problem).toMatch(expected)
  })

  test('a file system that tells nothing of its space is not refused', () => {
    expect(spaceProblem('out', { bavail: 0, bsize: 4096, blocks: 0 })).toBeNull()
  })
})

describe('a new run', () => {
  test('is named after its time, and never like another one', () => {
    const at = new Date('2026-01-02T03:04:05.678Z')
    expect(newRunId(at)).toMatch(/^2026-01-02-030405-[0-9a-f]{4}$/)
  })

  test('gets a folder, and latest points to it', () => {
    checkOut(out)
    createRunFolder(out, 'first')
    createRunFolder(out, 'second')
    expect(readdirSync(out).sort()).toEqual(['first', 'latest', 'second'])
    expect(readlinkSync(join(out, 'latest'))).toBe('second')
  })

  test('does not mind something else by the name of latest, and leaves it alone', () => {
    mkdirSync(join(out, 'latest', 'mine'), { recursive: true })
    expect(createRunFolder(out, 'first').path).toBe(join(out, 'first'))
    expect(readdirSync(out).sort()).toEqual(['first', 'latest'])
    expect(readdirSync(join(out, 'latest'))).toEqual(['mine'])
  })
})

describe('what is written', () => {
  test('is read again as it was', () => {
    checkOut(out)
    const folder = createRunFolder(out, 'a-run')
    const schema = z.strictObject({ counts: z.array(z.number()) })
    folder.writeRun(runRecordWith())
    folder.writeTrial('an-experiment', 'trial-1', { counts: [1, 2] }, schema)
    folder.writeSummary(summary)
    folder.writeText('summary.md', '# Title\n')
    expect(readRun(folder.path)).toEqual(runRecordWith())
    expect(readTrial(folder.path, 'an-experiment', 'trial-1', schema)).toEqual({ counts: [1, 2] })
    expect(readSummary(folder.path)).toEqual(summary)
    expect(readFileSync(join(folder.path, 'summary.md'), 'utf8')).toBe('# Title\n')
    expect(readdirSync(folder.path).sort()).toEqual(['run.json', 'summary.json', 'summary.md', 'trials'])
  })

  test('is refused when it does not fit its schema, and nothing is left of it', () => {
    checkOut(out)
    const folder = createRunFolder(out, 'a-run')
    expect(() => folder.writeRun(runRecordWith({ seed: 1.5 }))).toThrow(z.ZodError)
    const finding = { ...summary.findings[0]!, value: Number.NaN }
    expect(() => folder.writeSummary({ ...summary, findings: [finding] })).toThrow(z.ZodError)
    expect(readdirSync(folder.path)).toEqual([])
  })

  test('goes into a folder that is made again where somebody has removed it, which is told once', () => {
    let remade = 0
    const folder = createRunFolder(out, 'a-run', () => {
      remade += 1
    })
    const numbers = z.array(z.number())
    folder.writeTrial('x', 'first', [1], numbers)
    rmSync(out, { recursive: true })
    folder.writeTrial('x', 'second', [2], numbers)
    folder.writeText('summary.md', '# Title\n')
    expect(remade).toBe(1)
    expect(['first', 'second'].map((id) => folder.hasTrial('x', id))).toEqual([false, true])
    expect(readTrial(join(out, 'latest'), 'x', 'second', numbers)).toEqual([2])
  })

  test('is written as a whole or not at all: on a full disk the file stays as it was', () => {
    checkOut(out)
    const folder = createRunFolder(out, 'a-run')
    folder.writeRun(runRecordWith({ seed: 1 }))
    using _full = fullDiskFor('run.json')
    let error: unknown
    try {
      folder.writeRun(runRecordWith({ seed: 2 }))
    } catch (thrown) {
      error = thrown
    }
    expect(systemCode(error)).toBe('ENOSPC')
    expect(readRun(folder.path).seed).toBe(1)
    expect(readdirSync(folder.path)).toEqual(['run.json'])
  })

  test('goes into the folder, and through no link that was planted there', () => {
    checkOut(out)
    const { path } = createRunFolder(out, 'a-run')
    const precious = join(out, 'precious')
    writeFileSync(precious, 'mine')
    for (const name of ['run.json.part', 'run.json']) symlinkSync(precious, join(path, name))
    openForWriting(path).writeRun(runRecordWith({ seed: 1 }))
    expect(readFileSync(precious, 'utf8')).toBe('mine')
    expect(readRun(path).seed).toBe(1)
    expect(readdirSync(path)).toEqual(['run.json'])
    expect(lstatSync(join(path, 'run.json')).isFile()).toBe(true)
  })

  test('takes the place of what a killed write has left', () => {
    checkOut(out)
    const folder = createRunFolder(out, 'a-run')
    writeFileSync(join(folder.path, 'run.json.part'), '{"half":')
    folder.writeRun(runRecordWith({ seed: 1 }))
    expect(readdirSync(folder.path)).toEqual(['run.json'])
  })
})

describe('what is read', () => {
  const write = (text: string) => {
    mkdirSync(out)
    writeFileSync(join(out, 'run.json'), text)
  }

  test('is missing: the run did not get that far', () => {
    mkdirSync(out)
    expect(() => readSummary(out)).toThrow(UsageError)
    expect(() => readSummary(out)).toThrow(
      `${join(out, 'summary.json')} is missing: the run did not get that far`,
    )
  })

  test('cannot be read: says why', () => {
    mkdirSync(join(out, 'run.json'), { recursive: true }) // root may read past any mode
    expect(() => readRun(out)).toThrow(UsageError)
    expect(() => readRun(out)).toThrow(
      `${join(out, 'run.json')} cannot be read: illegal operation on a directory`,
    )
  })

  test.each(['', '{"schemaVersion":1', 'null}'])('is not valid JSON: %j', (text) => {
    write(text)
    expect(() => readRun(out)).toThrow(UsageError)
    expect(() => readRun(out)).toThrow(`${join(out, 'run.json')} is not valid JSON`)
  })

  test('is of another version: says which, and what does not fit', () => {
    write(JSON.stringify({ ...runRecordWith(), schemaVersion: 99 }))
    expect(() => readRun(out)).toThrow(UsageError)
    expect(() => readRun(out)).toThrow(
      /run\.json \(schema version 99\) does not fit this version of sessionbench:\n.*expected 2/,
    )
  })

  test.each([['null'], ['[]'], ['{}']])('is something else altogether: %s', (text) => {
    write(text)
    expect(() => readRun(out)).toThrow(UsageError)
    expect(() => readRun(out)).toThrow('does not fit this version of sessionbench')
  })

  test('has a part too many or of another kind: named by its path', () => {
    write(JSON.stringify({ ...runRecordWith(), extra: 1, replicas: '3' }))
    expect(() => readRun(out)).toThrow(/extra/)
    expect(() => readRun(out)).toThrow(/replicas/)
  })
})

describe('finding a run', () => {
  test('by its folder, by the folder of runs for the latest, by its id', () => {
    checkOut(out)
    for (const id of ['first', 'second']) createRunFolder(out, id).writeRun(runRecordWith({ id }))
    const found = (argument: string) => readRun(findRun(argument, out)).id
    expect(found(join(out, 'first'))).toBe('first')
    expect(found(join(out, 'latest'))).toBe('second')
    expect(found(out)).toBe('second')
    expect(found('first')).toBe('first')
    expect(found('latest')).toBe('second')
  })

  test('nothing is found where there is no run', () => {
    mkdirSync(join(out, 'empty'), { recursive: true })
    writeFileSync(join(out, 'file'), '')
    for (const argument of ['nowhere', out, join(out, 'empty'), join(out, 'file'), join(out, 'file', 'x')]) {
      expect(() => findRun(argument, out)).toThrow(UsageError)
      expect(() => findRun(argument, out)).toThrow(
        `no run found at '${argument}'; expected a folder with a run.json, such as results/latest`,
      )
    }
  })

  test('the folder of a run that is opened again takes a new summary', () => {
    checkOut(out)
    createRunFolder(out, 'first').writeSummary(summary)
    openForWriting(join(out, 'first')).writeSummary({ ...summary, findings: [] })
    expect(readSummary(join(out, 'first')).findings).toEqual([])
  })
})

test('a run whose folder somebody replaced meanwhile names it, and what is in the way', () => {
  const folder = createRunFolder(out, 'x')
  mkdirSync(join(folder.path, 'trials'))
  rmSync(join(folder.path, 'trials'), { recursive: true })
  writeFileSync(join(folder.path, 'trials'), '')
  expect(() => folder.writeTrial('throughput', 'trial-1', {}, z.object({}))).toThrow(
    `${join(folder.path, 'trials', 'throughput', 'trial-1.json')} cannot be written: there is a file of that name in the way`,
  )
  rmSync(folder.path, { recursive: true })
  writeFileSync(folder.path, '')
  expect(() => folder.keep()).toThrow(`${folder.path} cannot be written: there is a file`)
})
