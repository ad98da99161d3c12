/** Runs experiments on real local clusters, as `sessionbench run` does, for tests that hold their findings. */
import { control, strategies } from '../../servers/strategies/index.ts'
import { localDriver } from '../cluster/local.ts'
import { openWorkspace } from '../cluster/workspace.ts'
import type { AnyExperiment } from '../experiments/index.ts'
import type { Progress } from '../progress.ts'
import type { Finding } from '../record/finding.ts'
import { readRun, readSummary } from '../record/folder.ts'
import type { RunRecord } from '../record/run-record.ts'
import { run } from '../run.ts'
import { foundBinaries } from './binaries.ts'
import { temporaryFolder } from './temporary-folder.ts'

const silent: Progress = { note() {}, begin() {}, say() {}, end() {}, close() {} }

/** What to run, with the preset `quick`. */
export interface LocalRun {
  readonly experiment: AnyExperiment
  /** Names; absent: all. */
  readonly strategies?: readonly string[]
  readonly replicas: number
  readonly users: number
}

/** What a run has left on disk. */
export interface Findings {
  readonly record: RunRecord
  readonly all: readonly Finding[]
  /** @throws when there is no such finding */
  find(strategy: string, about: string, metric: string): Finding
}

/** Runs to the end. @throws what made the run, or a trial of it, fail */
export async function runLocally(request: LocalRun): Promise<Findings> {
  using folder = temporaryFolder()
  using workspace = openWorkspace()
  const { signal } = new AbortController()
  await using driver = localDriver(foundBinaries(), workspace)
  const wanted = request.strategies ?? strategies.map(({ name }) => name)
  const { path, record, failure } = await run(
    {
      plan: {
        strategies: strategies.filter(({ name }) => wanted.includes(name)),
        control,
        replicas: request.replicas,
        users: request.users,
        preset: 'quick',
      },
      experiments: [request.experiment],
      seed: 1,
      out: folder.path,
      argv: [],
    },
    driver,
    silent,
    signal,
  ).finally(() => workspace.killAll())
  if (failure !== null) throw failure
  const failures = record.trials.flatMap((trial) => trial.failures)
  if (failures.length > 0) throw new Error(JSON.stringify(failures, null, 1))
  const { findings } = readSummary(path)
  return {
    record: readRun(path),
    all: findings,
    find(strategy, about, metric) {
      const found = findings.find(
        (row) => row.strategy === strategy && row.case === about && row.metric === metric,
      )
      if (found === undefined) throw new Error(`no finding ${strategy} ${about} ${metric}`)
      return found
    },
  }
}
