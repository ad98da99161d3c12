/** Holds a run to what it says when its folder does not stay what it was. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Cluster, ClusterSpec, Driver } from './cluster/cluster.ts'
import { exitCodeOf } from './errors.ts'
import type { AnyExperiment } from './experiments/index.ts'
import { loginPersistence } from './experiments/login-persistence.ts'
import { readRun, readSummary } from './record/folder.ts'
import { run } from './run.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const strategy = (name: string) => ({ name, summary: '', needs: [], routing: 'round-robin' }) as const

/** Clusters of which nothing is asked but whether they are whole. */
const driver = {
  name: 'local',
  versions: {},
  start: async (spec: ClusterSpec) =>
    ({
      spec,
      replicas: [],
      stores: [],
      balancer: { expectAlive: async () => {} },
      async [Symbol.asyncDispose]() {},
    }) as unknown as Cluster,
} as unknown as Driver

/** What one visitor sees of a strategy that keeps its logins. */
const seenOf = (name: string) => ({
  strategy: name,
  replicas: 1,
  reading: [['ok' as const]],
  writing: [{ cookieReplaced: false, knownSomewhere: true }],
  logouts: [{ oldCookiesStillLogIn: false }],
  answers: 1,
  asAnother: 0,
})

/**
 * Runs a trial of each of `names`, one after the other.
 * @param during what happens in the trial of a strategy
 */
async function runWith(out: string, names: readonly string[], during: (name: string) => void) {
  const notes: string[] = []
  const experiment: AnyExperiment = {
    ...loginPersistence,
    trials: (plan, only) => loginPersistence.trials(plan, only).map((spec) => ({ ...spec, sideBySide: 1 })),
    async trial(_spec, [cluster]) {
      const { name } = cluster!.spec.strategy
      during(name)
      return [seenOf(name)]
    },
  }
  const result = await run(
    {
      plan: { strategies: names.map(strategy), control: strategy('control'), replicas: 1, preset: 'quick' },
      experiments: [experiment],
      seed: 1,
      out,
      argv: [],
    },
    driver,
    { note: (line) => void notes.push(line), begin() {}, say() {}, end() {}, close() {} },
    new AbortController().signal,
  )
  return { ...result, notes }
}

/** Those that the summary tells something of. */
const judgedIn = (path: string) =>
  readSummary(path)
    .findings.filter(({ metric }) => metric === 'recognisedShare')
    .map((row) => row.strategy)

test('a run whose folder stays as it is is complete', async () => {
  using folder = temporaryFolder()
  const { path, failure, notes } = await runWith(folder.path, ['a', 'b'], () => {})
  expect(failure).toBeNull()
  expect(notes).toEqual([])
  expect(readRun(path)).toMatchObject({ status: 'complete', reason: '' })
  expect(judgedIn(path)).toEqual(['a', 'b'])
})

test('a folder that is removed during the run is told at once, and what is left is judged', async () => {
  using folder = temporaryFolder()
  const out = join(folder.path, 'results')
  const { path, failure, notes } = await runWith(out, ['a', 'b', 'c'], (name) => {
    if (name === 'b') rmSync(out, { recursive: true })
  })
  expect(notes).toEqual([`${path} was removed while the run goes on; it was made again, for what is to come`])
  const reason = `1 finished trial was removed from ${path} during the run`
  expect(failure).toEqual(new Error(reason))
  expect(exitCodeOf(failure)).toBe(1)
  const record = readRun(path)
  expect(record).toMatchObject({ status: 'partial', reason })
  expect(record.trials.map(({ id, status }) => `${id} ${status}`)).toEqual(['a lost', 'b done', 'c done'])
  expect(judgedIn(path)).toEqual(['b', 'c'])
  expect(readdirSync(path).sort()).toEqual(['run.json', 'summary.json', 'summary.md', 'trials'])
})

test('observations that are removed alone are missed as well', async () => {
  using folder = temporaryFolder()
  const { path, failure, notes } = await runWith(folder.path, ['a', 'b'], (name) => {
    if (name === 'b') rmSync(join(folder.path, 'latest', 'trials', loginPersistence.name, 'a.json'))
  })
  expect(notes).toEqual([])
  expect(failure).toBeInstanceOf(Error)
  expect(readRun(path).trials.map(({ status }) => status)).toEqual(['lost', 'done'])
  expect(judgedIn(path)).toEqual(['b'])
})
