/** Reads again the folders of runs that a command has left, as anybody would later. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../bench/errors.ts'
import { judgeRun } from '../../bench/judge.ts'
import { readRun, readSummary } from '../../bench/record/folder.ts'
import type { RunRecord } from '../../bench/record/run-record.ts'
import type { SeenRun } from './judge.ts'

/** Every run below `out`; a gate's folder is none. */
export function seeRuns(out: string): SeenRun[] {
  if (!existsSync(out)) return []
  return readdirSync(out)
    .filter((name) => name !== 'latest' && !name.startsWith('.') && name !== 'gates')
    .filter((name) => statSync(join(out, name)).isDirectory())
    .map((name) => seeRun(join(out, name)))
}

function seeRun(path: string): SeenRun {
  const folder = path.split('/').slice(-2).join('/')
  const nothing = { folder, status: null, replicas: 0, findings: [], hasSummary: false }
  let record: RunRecord
  try {
    record = readRun(path)
  } catch (error) {
    return { ...nothing, problems: [messageOf(error)] }
  }
  const hasSummary = existsSync(join(path, 'summary.json'))
  const about = { folder, status: record.status, replicas: record.replicas, hasSummary }
  try {
    const { findings } = judgeRun(path)
    const saved = hasSummary ? readSummary(path).findings : findings
    const differs = !isDeepStrictEqual(saved, JSON.parse(JSON.stringify(findings)))
    return {
      ...about,
      findings,
      problems: [
        ...(differs ? ['summary.json says something else than the trials do'] : []),
        ...lostTrials(path, record),
      ],
    }
  } catch (error) {
    return { ...about, findings: [], problems: [messageOf(error)] }
  }
}

/** Trials whose observations are there, and that the record of a run which has ended knows nothing of. */
function lostTrials(path: string, { trials, status }: RunRecord): string[] {
  const folder = join(path, 'trials')
  if (status === 'running' || !existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .filter(
      (name) =>
        !trials.some(
          ({ experiment, id, status: how }) => how === 'done' && name === join(experiment, `${id}.json`),
        ),
    )
    .map((name) => `${relative(path, join(folder, name))} is there, and run.json does not list it as done`)
}
