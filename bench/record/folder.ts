/** Writes and reads the folder of a run: every file is checked against its schema both ways. */
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type StatsFs,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import { z } from 'zod'
import { EnvironmentError, messageOf, systemCode, UsageError, withRoom } from '../errors.ts'
import { isFolder, makeFolder } from '../make-folder.ts'
import { type RunRecord, runRecord } from './run-record.ts'
import { type Summary, summary } from './summary.ts'

/** A run leaves some hundred kilobytes; with less than this it is not started, so that it does not break half way. */
const leastFreeBytes = 32 * 1024 * 1024

/**
 * Makes sure that results can be written below `out`.
 * @throws {EnvironmentError} when they cannot
 */
export function checkOut(out: string): void {
  try {
    makeFolder(resolve(out))
    accessSync(out, constants.W_OK)
  } catch (cause) {
    throw new EnvironmentError(
      `results cannot be written to ${out}: ${whyNoFolder(cause)}; choose another folder with --out`,
      { cause },
    )
  }
  const problem = spaceProblem(out, statfsSync(out))
  if (problem !== null) throw new EnvironmentError(problem)
}

function whyNoFolder(cause: unknown): string {
  const code = systemCode(cause)
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'there is a file of that name in the way'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'it is not writable for you'
  return code === 'ENOENT' ? 'no folder can be made there' : messageOf(cause)
}

/**
 * Does `write` below the folder of a run, which could be written to when the run began.
 * @throws Error naming what cannot be written any more, and why
 */
function inFolderOfRun(path: string, write: () => void): void {
  try {
    withRoom(path, '--out', write)
  } catch (cause) {
    if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(systemCode(cause) ?? '')) throw cause
    throw new Error(`${path} cannot be written: ${whyNoFolder(cause)}`, { cause })
  }
}

/** Why there is not room enough on the file system of `out`; `null` when there is, or when it does not tell. */
export function spaceProblem(
  out: string,
  { bavail, bsize, blocks }: Pick<StatsFs, 'bavail' | 'bsize' | 'blocks'>,
): string | null {
  if (blocks === 0 || bavail * bsize >= leastFreeBytes) return null
  const mebibytes = (bytes: number) => Math.floor(bytes / 1024 / 1024)
  return `only ${mebibytes(bavail * bsize)} MiB are free for ${out}, at least ${mebibytes(leastFreeBytes)} are needed; make room or choose another folder with --out`
}

/** The name of a new run: when it was started (UTC), and a few characters against namesakes. */
export function newRunId(startedAt: Date): string {
  const time = startedAt.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')
  return `${time}-${randomBytes(2).toString('hex')}`
}

/** The folder of one run. */
export interface RunFolder {
  readonly path: string
  /** Makes it again where somebody has removed it; every write does so first. */
  keep(): void
  writeRun(record: RunRecord): void
  writeTrial(experiment: string, id: string, raw: unknown, schema: z.ZodType): void
  /** Whether the observations of a trial that were written are still there. */
  hasTrial(experiment: string, id: string): boolean
  writeSummary(content: Summary): void
  writeText(name: string, text: string): void
}

/**
 * Makes `out/id` and lets `out/latest` point to it.
 * @param onRemade is told when somebody has removed it, with what was in it, and it was made again
 */
export function createRunFolder(out: string, id: string, onRemade: () => void = () => {}): RunFolder {
  const path = join(out, id)
  makeFolder(out)
  mkdirSync(path) // not one that is there: it would be another run's
  pointLatest(out, id)
  return openForWriting(path, () => {
    if (isFolder(path)) return
    inFolderOfRun(path, () => makeFolder(path))
    pointLatest(out, id)
    onRemade()
  })
}

/**
 * The folder of a run that exists, for replacing its summary.
 * @param keep called before each write
 */
export function openForWriting(path: string, keep: () => void = () => {}): RunFolder {
  const write = (file: string, text: string) => {
    keep()
    inFolderOfRun(file, () => {
      makeFolder(dirname(file))
      replaceFile(file, text, '--out')
    })
  }
  const writeJson = (file: string, value: unknown, schema: z.ZodType) =>
    write(file, `${JSON.stringify(schema.parse(value), null, 1)}\n`)
  return {
    path,
    keep,
    writeRun: (record) => writeJson(join(path, 'run.json'), record, runRecord),
    writeTrial: (experiment, id, raw, schema) => writeJson(trialFile(path, experiment, id), raw, schema),
    hasTrial: (experiment, id) => existsSync(trialFile(path, experiment, id)),
    writeSummary: (content) => writeJson(join(path, 'summary.json'), content, summary),
    writeText: (name, text) => write(join(path, name), text),
  }
}

/** The folder that an argument means: a run's folder, a folder of runs (its latest one), or the id of one below `out`. */
export function findRun(argument: string, out: string): string {
  const candidates = [resolve(argument), join(resolve(argument), 'latest'), join(resolve(out), argument)]
  const found = candidates.find((path) => isThere(join(path, 'run.json')))
  if (found !== undefined) return found
  throw new UsageError(
    `no run found at '${argument}'; expected a folder with a run.json, such as results/latest`,
  )
}

/** Of what may not even be looked at, reading it says why. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}

export function readRun(path: string): RunRecord {
  return readJson(join(path, 'run.json'), runRecord)
}

export function readSummary(path: string): Summary {
  return readJson(join(path, 'summary.json'), summary)
}

/** The raw observations of one trial. */
export function readTrial<Raw>(path: string, experiment: string, id: string, schema: z.ZodType<Raw>): Raw {
  return readJson(trialFile(path, experiment, id), schema)
}

function trialFile(path: string, experiment: string, id: string): string {
  return join(path, 'trials', experiment, `${id}.json`)
}

/**
 * Whole or not at all: a full disk or a kill in the middle leaves the file as it was. Nothing is written through a link: the
 * folder may be somebody else's run, with links to files of ours in it.
 * @param chosenBy the option that its folder comes from
 */
export function replaceFile(file: string, text: string, chosenBy: '--out' | '--file'): void {
  const part = `${file}.part`
  try {
    rmSync(part, { force: true }) // a link, or what a kill has left
    withRoom(dirname(file), chosenBy, () => writeFileSync(part, text, { flag: 'wx' }))
    renameSync(part, file)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

/** @throws {UsageError} naming the file and what is wrong in it */
export function readJson<T>(file: string, schema: z.ZodType<T>): T {
  let value: unknown
  const text = readText(file)
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`${file} is not valid JSON`, { cause })
  }
  const found = (value as { schemaVersion?: unknown } | null)?.schemaVersion
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const version = found === undefined ? '' : ` (schema version ${String(found)})`
  throw new UsageError(
    `${file}${version} does not fit this version of sessionbench:\n${z.prettifyError(parsed.error)}`,
  )
}

/** @throws {UsageError} naming the file and why it cannot be read */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code, errno, message } = cause as NodeJS.ErrnoException
    const why = errno === undefined ? message : getSystemErrorMessage(errno)
    const what = code === 'ENOENT' ? 'is missing: the run did not get that far' : `cannot be read: ${why}`
    throw new UsageError(`${file} ${what}`, { cause })
  }
}

/** A convenience: where a file system has no links, or `latest` is a folder of somebody's own, there is none. */
function pointLatest(out: string, id: string): void {
  const part = join(out, `.latest-${id}`)
  try {
    symlinkSync(basename(id), part)
    renameSync(part, join(out, 'latest')) // replaces the link in one step, also when two runs start together
  } catch (error) {
    rmSync(part, { force: true })
    if (!['EISDIR', 'EPERM', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error
  }
}
