/**
 * Holds the direction of imports that the layout asks for.
 *
 * Experiments know a cluster by its interface alone. What they load of `bench/cluster/` at run time (`faults.ts`,
 * `usage.ts`, and what these load in turn) may act only through that interface, or ask over the network as anybody can.
 * So nothing of it belongs to a driver, and nothing starts or ends a process of its own accord.
 */
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { experiments } from './experiments/index.ts'
import {
  breaches,
  filesWith,
  findCycle,
  type Import,
  loadedWith,
  parseSource,
  readSources,
  type SourceFile,
} from './testing/imports.ts'

const project = fileURLToPath(new URL('..', import.meta.url))
const sources = readSources(project, ['servers', 'bench', 'tools'])

const inFolder = (path: string, folder: string) => path.startsWith(`${folder}/`)
const isRuntime = ({ kind }: Import) => kind !== 'type'
const experimentFile = (name: string) => `bench/experiments/${name}.ts`
const experimentFiles = experiments.map(({ name }) => experimentFile(name))

/** The rules about imports, by what they say; each takes the files and tells what breaks it. */
const rules: Record<string, (files: readonly SourceFile[]) => string[]> = {
  'servers never import bench': (files) =>
    breaches(files, (from, { to }) => inFolder(from.path, 'servers') && inFolder(to, 'bench')),

  'neither of them imports tools, which are about the harness': (files) =>
    breaches(files, (from, { to }) => !inFolder(from.path, 'tools') && inFolder(to, 'tools')),

  "bench takes from servers only the strategies' metadata": (files) => {
    const allowed = ['servers/strategies/index.ts', 'servers/strategies/strategy.ts']
    return breaches(
      files,
      (from, { to }) => inFolder(from.path, 'bench') && inFolder(to, 'servers') && !allowed.includes(to),
    )
  },

  'statistics import nothing outside their folder': (files) =>
    breaches(files, (from, { to }) => inFolder(from.path, 'bench/stats') && !inFolder(to, 'bench/stats')),

  'experiments see a cluster only through its interface': (files) => {
    const isDriverSide = ({ path, imports }: SourceFile) =>
      /^bench\/cluster\/(local|compose|workspace)/.test(path) ||
      imports.some((each) => isRuntime(each) && each.to === 'node:child_process')
    return breaches(files, (from, each) => {
      if (!inFolder(from.path, 'bench/experiments') || !isRuntime(each)) return false
      if (!inFolder(each.to, 'bench/cluster')) return false
      const loaded = loadedWith(files, each.to)
      return files.some((file) => loaded.has(file.path) && isDriverSide(file))
    })
  },

  'experiments do not import each other': (files) =>
    breaches(
      files,
      (from, { to }) =>
        inFolder(from.path, 'bench/experiments') &&
        from.path !== 'bench/experiments/index.ts' &&
        experimentFiles.includes(to),
    ),

  'strategies do not import each other': (files) => {
    const shared = ['servers/strategies/strategy.ts']
    return breaches(
      files,
      (from, { to }) =>
        inFolder(from.path, 'servers/strategies') &&
        from.path !== 'servers/strategies/index.ts' &&
        inFolder(to, 'servers/strategies') &&
        !shared.includes(to),
    )
  },

  'reports read saved runs, never live objects': (files) =>
    breaches(
      files,
      (from, each) =>
        inFolder(from.path, 'bench/report') &&
        isRuntime(each) &&
        ['bench/cluster', 'bench/load', 'bench/experiments'].some((folder) => inFolder(each.to, folder)),
    ),

  'the command line loads what the help needs, and the rest when a command is run': (files) => {
    const cheap = ['commander', 'fastest-levenshtein']
    return [...loadedWith(files, 'bench/cli.ts', ['static'])].filter((loaded) =>
      /^(bench|servers)\//.test(loaded)
        ? ['bench/commands', 'bench/cluster', 'bench/load'].some((folder) => inFolder(loaded, folder))
        : !loaded.startsWith('node:') && !cheap.includes(loaded),
    )
  },

  'an import names its module in plain words, or these rules would not see it': (files) =>
    filesWith(files, /\bimport\((?!\s*'[^'\n]+'\s*\))/).filter(
      (path) => path !== 'bench/gate/print-registry.ts', // the strategies of another version of the project
    ),

  'a gate loads nothing of what it judges': (files) =>
    [...loadedWith(files, 'bench/commands/gate.ts')].filter((loaded) => inFolder(loaded, 'servers')),

  'only the command line ends the process, and a replica itself': (files) =>
    filesWith(files, /\bprocess\.(exit|abort|reallyExit)\s*\(/).filter(
      (path) => !['bench/cli.ts', 'bench/gate/print-registry.ts', 'servers/replica.ts'].includes(path),
    ),

  'servers read the environment only in their configuration': (files) =>
    filesWith(files, /\bprocess\.env\b|\benv\b[^=]*=\s*process\b/).filter(
      (path) => inFolder(path, 'servers') && path !== 'servers/config.ts' && path !== 'servers/replica.ts',
    ),

  'a replica hands the environment on to its configuration and reads none of it': (files) =>
    files
      .filter(({ path }) => path === 'servers/replica.ts')
      .flatMap(({ path, code }) =>
        code.replaceAll('readConfig(process.env)', '').includes('process.env') ? [path] : [],
      ),

  'no import goes round in a circle': (files) => findCycle(files) ?? [],
}

describe.each(Object.entries(rules))('%s', (_, rule) => {
  test('holds', () => {
    expect(rule(sources)).toEqual([])
  })
})

test('nor do the tests of servers import bench: what they need of it is handed to them', () => {
  const files = readSources(project, ['servers'], 'with tests')
  expect(files.some(({ path }) => inFolder(path, 'servers/testing'))).toBe(true)
  expect(rules['servers never import bench']!(files)).toEqual([])
})

/** A file that breaks each rule, planted among the real ones. */
const planted: Record<keyof typeof rules, readonly [path: string, text: string]> = {
  'servers never import bench': ['servers/x.ts', "import type { Plan } from '../bench/run.ts'"],
  'neither of them imports tools, which are about the harness': [
    'bench/x.ts',
    "import { expectedCounts } from '../tools/expected-counts.ts'",
  ],
  "bench takes from servers only the strategies' metadata": [
    'bench/x.ts',
    "import {\n  readConfig,\n} from '../servers/config.ts'",
  ],
  'statistics import nothing outside their folder': ['bench/stats/x.ts', "import { z } from 'zod'"],
  'experiments see a cluster only through its interface': [
    'bench/experiments/x.ts',
    "const { localDriver } = await import('../cluster/local.ts')",
  ],
  'experiments do not import each other': [
    'bench/experiments/x.ts',
    "export { throughput as x } from './throughput.ts'",
  ],
  'strategies do not import each other': ['servers/strategies/x.ts', "import { redis } from './redis.ts'"],
  'reports read saved runs, never live objects': [
    'bench/report/x.ts',
    "import { type Outcome } from '../load/browser.ts'",
  ],
  'the command line loads what the help needs, and the rest when a command is run': [
    'bench/arguments.ts',
    "import { z } from 'zod'",
  ],
  'an import names its module in plain words, or these rules would not see it': [
    'bench/x.ts',
    'await import(entry)',
  ],
  'a gate loads nothing of what it judges': [
    'bench/gate/side.ts',
    "import { control } from '../../servers/strategies/index.ts'",
  ],
  'only the command line ends the process, and a replica itself': ['bench/x.ts', 'process.exit (1)'],
  'servers read the environment only in their configuration': ['servers/x.ts', 'const a = process.env.A'],
  'a replica hands the environment on to its configuration and reads none of it': [
    'servers/replica.ts',
    'readConfig(process.env)\nconst a = process.env.A',
  ],
  'no import goes round in a circle': ['bench/stats/mean.ts', "import type { x } from './interval.ts'"],
}

test.each(Object.entries(planted))('a breach is noticed: %s', (rule, [path, text]) => {
  const others = sources.filter((file) => file.path !== path)
  expect(rules[rule]!([...others, parseSource(path, text)])).not.toEqual([])
})

test('every rule has a breach planted, and every planted breach breaks nothing but its own rule', () => {
  expect(Object.keys(planted)).toEqual(Object.keys(rules))
  for (const [name, [path, text]] of Object.entries(planted)) {
    const files = [...sources.filter((file) => file.path !== path), parseSource(path, text)]
    expect(Object.keys(rules).filter((rule) => rules[rule]!(files).length > 0)).toEqual([name])
  }
})

test('the parser finds every form of import, and none in comments or texts', () => {
  const text = `
/** import a from './a.ts' */
// import b from './b.ts'
import c from './c.ts'
import * as d from '../d.ts'
import e, { type f } from 'e'
import {
  g,
  type h,
} from './g.ts'
import type { i } from './i.ts'
import './j.ts'
export * from './k.ts'
export type { l } from './l.ts'
export { m } from './m.ts'
export const n = "import o from './o.ts'"
const p = await import('./p.ts')
const q = \`see import('q')\`
`
  expect(parseSource('bench/deep/x.ts', text).imports.map(({ to, kind }) => `${kind} ${to}`)).toEqual([
    'static bench/deep/c.ts',
    'static bench/d.ts',
    'static e',
    'static bench/deep/g.ts',
    'type bench/deep/i.ts',
    'static bench/deep/j.ts',
    'static bench/deep/k.ts',
    'type bench/deep/l.ts',
    'static bench/deep/m.ts',
    'dynamic bench/deep/p.ts',
    'dynamic q', // the price of doing without a parser
  ])
})

test('the files that are read are those there are', () => {
  const paths = sources.map(({ path }) => path)
  for (const path of ['bench/cli.ts', 'bench/stats/mean.ts', 'servers/replica.ts'])
    expect(paths).toContain(path)
  expect(paths.filter((path) => path.includes('.test.') || path.includes('/testing/'))).toEqual([])
  // Every import of a file of the project is one of a file that exists.
  const unresolved = breaches(
    sources,
    (_, { to }) => /^(bench|servers|tools)\//.test(to) && !paths.includes(to),
  )
  expect(unresolved).toEqual([])
})

describe('the registry of experiments', () => {
  const notExperiments = ['index.ts', 'experiment.ts']
  const inThere = sources
    .map(({ path }) => path)
    .filter(
      (path) => posix.dirname(path) === 'bench/experiments' && !notExperiments.includes(posix.basename(path)),
    )

  test.each(experiments.map(({ name }) => name))(
    '%s stands in a file of its own name, once',
    async (name) => {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
      expect(inThere).toContain(experimentFile(name))
      const module = (await import(`./experiments/${name}.ts`)) as Record<string, unknown>
      expect(Object.values(module)).toContain(experiments.find((experiment) => experiment.name === name))
      expect(experiments.filter((experiment) => experiment.name === name)).toHaveLength(1)
    },
  )

  test('every other file beside them is a part of exactly one', () => {
    const users = inThere
      .filter((path) => !experimentFiles.includes(path))
      .map((path) => [path, experimentFiles.filter((file) => loadedWith(sources, file).has(path))] as const)
    for (const [path, used] of users) expect(used, `${path} is used by`).toHaveLength(1)
  })
})
