/** Holds a trial to blaming those who fail it, and nobody else. */
import { expect, test } from 'vitest'
import type { Cluster, ClusterSpec, Driver } from './cluster/cluster.ts'
import { ClusterError, EnvironmentError } from './errors.ts'
import type { TrialContext, TrialSpec } from './experiments/experiment.ts'
import type { AnyExperiment } from './experiments/index.ts'
import { seededRandom } from './stats/random.ts'
import { observeTrial, TrialFailed } from './trial.ts'

const strategy = (name: string) => ({ name, summary: '', needs: [], routing: 'round-robin' }) as const
const control = strategy('control')
const boom = () => Promise.reject(new Error('boom'))

/** A cluster of one member; it counts itself among `up` until it is stopped. */
function clusterOf(spec: ClusterSpec, up: Set<string>): Cluster & { died: ClusterError | null } {
  const name = spec.as ?? spec.strategy.name
  up.add(name)
  const member = {
    expectAlive: async () => {
      if (cluster.died !== null) throw cluster.died
    },
  }
  const cluster = {
    spec,
    died: null,
    replicas: [member],
    balancer: member,
    stores: [],
    async [Symbol.asyncDispose]() {
      up.delete(name)
    },
  } as unknown as Cluster & { died: ClusterError | null }
  return cluster
}

interface Setting {
  readonly names: readonly string[]
  /** Why a cluster does not start. */
  readonly refused?: Readonly<Record<string, Error>>
  /** What the experiment does with its clusters, by name. */
  work?(
    clusters: Readonly<Record<string, ReturnType<typeof clusterOf>>>,
    context: TrialContext,
  ): Promise<unknown>
  readonly signal?: AbortSignal
  /** Of the machine. */
  readonly trouble?: Error
}

/** One trial; `up` are the clusters that nobody has stopped. */
async function trialOf({ names, refused = {}, work = async () => {}, signal, trouble }: Setting) {
  const up = new Set<string>()
  const driver = {
    start: async (spec: ClusterSpec) => {
      const problem = refused[spec.as ?? spec.strategy.name]
      if (problem !== undefined) throw problem
      return clusterOf(spec, up)
    },
    trouble: () => trouble ?? null,
  } as unknown as Driver
  const spec: TrialSpec = {
    id: 'trial-1',
    label: '',
    sideBySide: 1,
    expectedMs: 0,
    clusters: names.map((name) =>
      name === 'twin'
        ? { strategy: control, replicas: 1, as: name }
        : { strategy: strategy(name), replicas: 1 },
    ),
  }
  const experiment = {
    name: 'x',
    trial: (_spec: TrialSpec, clusters: ReturnType<typeof clusterOf>[], context: TrialContext) =>
      work(
        Object.fromEntries(clusters.map((each) => [each.spec.as ?? each.spec.strategy.name, each])),
        context,
      ),
  } as unknown as AnyExperiment
  const observed = observeTrial(experiment, spec, driver, {
    plan: { strategies: [], control, replicas: 1, preset: 'quick' },
    random: seededRandom(1),
    signal: signal ?? new AbortController().signal,
    beside: () => [],
    say() {},
    measure: (each) => each(),
  })
  const result = await observed.catch((error: unknown) => ({ error }))
  expect([...up]).toEqual([])
  return result as { raw: unknown; failures: unknown; error: unknown }
}

const failuresOf = (error: unknown) => {
  expect(error).toBeInstanceOf(TrialFailed)
  return Object.fromEntries((error as TrialFailed).failures.map((each) => [each.strategy, each.reason]))
}

test('a trial that goes well has its observations, and nobody failed', async () => {
  expect(await trialOf({ names: ['control', 'a', 'b'], work: async (all) => Object.keys(all) })).toEqual({
    raw: ['control', 'a', 'b'],
    failures: [],
  })
})

test('a cluster that does not start is missing, and the trial goes on with the others', async () => {
  const result = await trialOf({
    names: ['control', 'twin', 'a', 'b'],
    refused: { a: new ClusterError('replica-1 ended'), twin: new ClusterError('no twin') },
    work: async (all) => Object.keys(all),
  })
  expect(result).toEqual({
    raw: ['control', 'b'],
    failures: [
      { strategy: 'twin', reason: 'no twin' },
      { strategy: 'a', reason: 'replica-1 ended' },
    ],
  })
})

test('what an attempt fails in is the fault of its cluster, with which nothing is done from then on', async () => {
  let afterwards = 0
  const result = await trialOf({
    names: ['control', 'a', 'b'],
    work: async ({ a, b }, { attempt }) => [
      await attempt(a!, boom),
      await attempt(a!, async () => (afterwards += 1)),
      await attempt(b!, async () => 'fine'),
    ],
  })
  expect(result).toEqual({
    raw: [undefined, undefined, 'fine'],
    failures: [{ strategy: 'a', reason: 'boom' }],
  })
  expect(afterwards).toBe(0)
})

test('a part that has ended is the reason, whatever was noticed of it, if anything', async () => {
  const died = new ClusterError('replica-1 ended by itself', { ended: 'replica-1' })
  const dies = { strategy: 'a', reason: 'replica-1 ended by itself' }
  for (const notice of [boom, async () => {}]) {
    const result = await trialOf({
      names: ['control', 'a', 'b'],
      work: async ({ a }, { attempt }) => {
        a!.died = died
        await attempt(a!, notice)
      },
    })
    expect(result.failures).toEqual([dies])
    const alone = await trialOf({
      names: ['a'],
      work: async ({ a }) => {
        a!.died = died
        await notice()
      },
    })
    expect(failuresOf(alone.error)).toEqual({ a: dies.reason })
  }
})

test('a trial of one strategy, or of which only one is left, fails with it', async () => {
  for (const setting of [
    { names: ['a'], work: boom },
    { names: ['a'], refused: { a: new Error('boom') } },
  ]) {
    const { error } = await trialOf(setting)
    expect(failuresOf(error)).toEqual({ a: 'boom' })
    expect((error as Error).message).toBe('boom')
  }
  const { error } = await trialOf({
    names: ['control', 'twin', 'a', 'b'],
    refused: { a: new Error('no a') },
    work: async ({ b }, { attempt }) => attempt(b!, boom),
  })
  expect(failuresOf(error)).toMatchObject({ a: 'no a', b: 'boom' })
})

test('without the control nothing can be compared, and the whole trial fails', async () => {
  const why = 'the control failed, and nothing can be compared without it: boom'
  for (const setting of [
    { refused: { control: new Error('boom') } },
    { work: (async (all, { attempt }) => attempt(all.control!, boom)) satisfies Setting['work'] },
  ]) {
    const { error } = await trialOf({ names: ['control', 'a'], ...setting })
    expect(failuresOf(error)).toEqual({ control: why, a: why })
  }
})

test('what concerns everybody is thrown as it is, and nobody is blamed', async () => {
  const gone = new EnvironmentError('the Docker Engine does not answer')
  const full = Object.assign(new Error('no space left on the device'), { code: 'ENOSPC' })
  const balancer = new ClusterError('nginx ended by itself', { ended: 'nginx' })
  for (const problem of [gone, full, balancer]) {
    const names = ['control', 'a', 'b']
    for (const setting of [
      { refused: { a: problem } },
      { work: () => Promise.reject(problem) },
      {
        work: (async ({ a }, { attempt }) =>
          attempt(a!, () => Promise.reject(problem))) satisfies Setting['work'],
      },
    ]) {
      expect((await trialOf({ names, ...setting })).error).toBe(problem)
    }
  }
})

test('an interruption is nobody’s fault', async () => {
  const controller = new AbortController()
  const { error } = await trialOf({
    names: ['control', 'a'],
    signal: controller.signal,
    work: async ({ a }, { attempt }) => {
      controller.abort()
      return attempt(a!, boom)
    },
  })
  expect(error).toBe(controller.signal.reason)
})

test('what was answered while an interruption ended everything is no observation', async () => {
  const controller = new AbortController()
  const { error } = await trialOf({
    names: ['a'],
    signal: controller.signal,
    work: async () => controller.abort(),
  })
  expect(error).toBe(controller.signal.reason)
})

test('a full disk is not blamed on the strategy that ran into it', async () => {
  const trouble = new Error('no space left on the device')
  const alone = await trialOf({ names: ['a'], work: boom, trouble })
  expect(alone).toMatchObject({ error: trouble })
  const oneOfTwo = await trialOf({
    names: ['a', 'b'],
    work: async ({ a }, { attempt }) => attempt(a!, boom),
    trouble,
  })
  expect(oneOfTwo).toMatchObject({ error: trouble })
})
