/**
 * Measures the harness itself: how long a run takes, how much of it is measuring, how dear the simulated users are.
 * `--only starts,users` runs these parts alone.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { control, strategies } from '../servers/strategies/index.ts'
import { named, namedList } from './arguments.ts'
import type { Driver } from './cluster/cluster.ts'
import { probeEngine } from './cluster/compose-probe.ts'
import { drivers } from './drivers.ts'
import { ExitCode, exitCodeOf, messageOf } from './errors.ts'
import { openConnections, outcomeOf } from './load/browser.ts'
import { saturate } from './load/saturate.ts'
import { logIn } from './load/users.ts'
import { readRun, readSummary } from './record/folder.ts'
import type { RunRecord } from './record/run-record.ts'
import { type Costs, judgeAgainst, judgeRepeats, judgeRuns } from './selfbench/costs.ts'
import { figure, print, say } from './selfbench/figure.ts'
import { hasWrk, witnessRatios } from './selfbench/witness.ts'
import { inSession } from './session.ts'
import { geometricMean } from './stats/mean.ts'
import { median } from './stats/quantile.ts'

const entry = fileURLToPath(new URL('main.js', import.meta.url))
const connections = 20
/** As in package.json's `bench`: a small young generation keeps the harness small beside what it measures. */
const nodeFlags = ['--max-semi-space-size=4']

/** Runs the command as a user would and returns what it recorded of itself. */
async function bench(args: readonly string[], out: string): Promise<RunRecord> {
  say(`running: bench ${args.join(' ')}`)
  const child = spawn(process.execPath, [...nodeFlags, entry, 'run', ...args, '--out', out], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`bench ${args.join(' ')} ended with ${code}:\n${errors.slice(-2_000)}`)
  return readRun(join(out, 'latest'))
}

async function wholeRuns(
  out: string,
  driver: string,
  limits: { readonly default?: number; readonly quick: number },
) {
  for (const [preset, limit] of Object.entries(limits)) {
    const { timing } = await bench(['--preset', preset, '--driver', driver], out)
    const seconds = timing.wallMs / 1000
    const share = timing.measuringMs / timing.wallMs
    figure(
      `${driver}: ${preset} preset, wall time`,
      `${seconds.toFixed(1)} s`,
      `at most ${limit} s`,
      seconds <= limit,
    )
    if (preset === 'default') {
      figure(
        `${driver}: ${preset} preset, share of it spent measuring`,
        `${Math.round(share * 100)} %`,
        'at least 60 %',
        share >= 0.6,
      )
    }
  }
}

/** How many runs of the default preset are compared with each other. */
const defaultRuns = 5

async function costs(out: string): Promise<void> {
  const costsOf = () =>
    readSummary(join(out, 'latest')).findings.filter((row) => row.experiment === 'throughput')
  const twin = `${control.name}-twin`
  const runs: Costs[] = []
  for (let index = 0; index < defaultRuns; index += 1) {
    const { timing } = await bench(['--driver', 'local'], out)
    runs.push(costsOf())
    const seconds = timing.wallMs / 1000
    const share = timing.measuringMs / timing.wallMs
    figure(`default run ${index + 1}, wall time`, `${seconds.toFixed(1)} s`, 'at most 180 s', seconds <= 180)
    figure(
      `default run ${index + 1}, share of it measuring`,
      `${Math.round(100 * share)} %`,
      'at least 60 %',
      share >= 0.6,
    )
  }
  judgeRuns(runs, twin)
  if (runs.length > 1) judgeRepeats(runs)
  await bench(['--driver', 'local', '--preset', 'thorough', '--experiments', 'throughput'], out)
  judgeAgainst(costsOf(), runs, twin)
  await witness(runs)
}

/** The strategies that `wrk` can tell: with each of them, every page of a user is answered by somebody who knows them. */
const witnessed = ['memory-sticky', 'cookie', 'redis']

async function witness(runs: readonly Costs[]): Promise<void> {
  if (!(await hasWrk())) {
    print('not run  witness: wrk is not in the PATH (apt install wrk)')
    return
  }
  await withDriver('local', async (driver, signal) => {
    const subjects = strategies.filter(({ name }) => witnessed.includes(name))
    for (const replicas of [1, 2, 3]) {
      const ratios = await witnessRatios(driver, control, subjects, replicas, signal)
      for (const [name, ratio] of Object.entries(ratios)) {
        const own = runs.flatMap((rows) =>
          rows.filter(
            (row) => row.strategy === name && row.case === 'me-saturated' && row.metric === 'ratioToControl',
          ),
        )
        const mean = geometricMean(own.map(({ value }) => value ?? Number.NaN))
        const away = Math.abs(mean / ratio - 1)
        const what = `${name}: runs ${mean.toFixed(3)}, wrk on ${replicas} replicas ${ratio.toFixed(3)}`
        // A single replica is another question (docs/measurements.md); two is what runs have, three what `cluster` starts.
        if (replicas === 1) print(`        ${what}`)
        else figure(what, `${(100 * away).toFixed(1)} %`, 'within 15 %', away <= 0.15)
      }
    }
  })
}

/** What a driver is held to, in milliseconds. */
interface StartLimits {
  /** From the call to the first answer to a logged-in user. */
  readonly startMs: number
  /** From stopping one strategy's cluster to the first answer of the next one's. */
  readonly switchMs?: number
}

/** Starts a cluster of each strategy, one after the other. */
async function clusterStarts(driver: Driver, limits: StartLimits, signal: AbortSignal): Promise<void> {
  const starts: number[] = []
  const switches: number[] = []
  const rounds = driver.name === 'local' ? [...strategies, ...strategies, ...strategies] : strategies
  let stoppingSince: number | null = null
  for (const strategy of rounds) {
    const startedAt = performance.now()
    await using cluster = await driver.start({ strategy, replicas: 3 }, signal)
    const pool = openConnections(cluster.entry, signal)
    const [user] = await logIn(pool, cluster.entry, 'first', 1, signal)
    if (outcomeOf(await user!.browser.get('/me'), user!.name) !== 'ok') throw new Error('nobody was known')
    const answeredAt = performance.now()
    starts.push(answeredAt - startedAt)
    if (stoppingSince !== null) switches.push(answeredAt - stoppingSince)
    await pool.destroy()
    stoppingSince = performance.now() // leaving the scope stops the cluster
  }
  const report = (what: string, times: readonly number[], limitMs: number) => {
    for (const [which, ms] of [
      ['median', median(times)],
      [`worst of ${times.length}`, Math.max(...times)],
    ] as const) {
      figure(
        `${driver.name}: ${what}, ${which}`,
        `${Math.round(ms)} ms`,
        `at most ${limitMs} ms`,
        ms <= limitMs,
      )
    }
  }
  report('cluster start to first verified answer', starts, limits.startMs)
  if (limits.switchMs !== undefined) report('switching strategy', switches, limits.switchMs)
}

/** Requests per CPU second of the simulated users and of autocannon, in turn, against the same replica. */
async function userSimulation(driver: Driver, signal: AbortSignal): Promise<void> {
  await using cluster = await driver.start({ strategy: strategies[0]!, replicas: 1 }, signal)
  const pool = openConnections(cluster.entry, signal)
  const users = await logIn(pool, cluster.entry, 'user', connections, signal)
  const perCpuSecond = async (load: () => Promise<number>) => {
    const before = process.cpuUsage()
    const requests = await load()
    const { user, system } = process.cpuUsage(before)
    return requests / ((user + system) / 1e6)
  }
  const byUsers = async () => {
    const end = performance.now() + 2_000
    let requests = 0
    await Promise.all(
      users.map(async ({ name, browser }) => {
        while (performance.now() < end) {
          if (outcomeOf(await browser.get('/me'), name) !== 'ok') throw new Error(`${name} was logged out`)
          requests += 1
        }
      }),
    )
    return requests
  }
  const byAutocannon = async () => {
    const { statuses } = await saturate(
      {
        entry: cluster.entry,
        mix: [{ method: 'GET', path: '/me' }],
        cookieHeaders: users.map(({ browser }) => browser.cookies.header('/me')),
        durationMs: 2_000,
      },
      signal,
    )
    return statuses['200'] ?? 0
  }
  await byUsers()
  await byAutocannon()
  const ratios: number[] = []
  for (let round = 0; round < 4; round += 1) {
    const [first, second] = round % 2 === 0 ? [byUsers, byAutocannon] : [byAutocannon, byUsers]
    const [a, b] = [await perCpuSecond(first), await perCpuSecond(second)]
    ratios.push(round % 2 === 0 ? a / b : b / a)
  }
  await pool.destroy()
  const ratio = median(ratios)
  figure(
    'users with cookie jars / raw autocannon, requests per CPU s',
    ratio.toFixed(2),
    'at least 0.50',
    ratio >= 0.5,
  )
}

async function manyUsers(out: string): Promise<void> {
  const { harnessPeakBytes } = await bench(
    [
      '--strategies',
      'redis',
      '--experiments',
      'restart-survival',
      '--preset',
      'quick',
      '--users',
      '10000',
      '--driver',
      'local',
    ],
    out,
  )
  figure(
    '10,000 users in restart-survival, peak memory of harness',
    `${Math.round(harnessPeakBytes / 1e6)} MB`,
    'at most 250 MB',
    harnessPeakBytes <= 250e6,
  )
}

/** The parts, in the order in which they run, by the name that `--only` takes. */
const parts: readonly { readonly name: string; run(out: string): Promise<void> }[] = [
  {
    name: 'starts',
    run: () => withDriver('local', (driver, signal) => clusterStarts(driver, { startMs: 1_500 }, signal)),
  },
  { name: 'load', run: () => withDriver('local', userSimulation) },
  { name: 'users', run: manyUsers },
  { name: 'runs', run: (out) => wholeRuns(out, 'local', { quick: 30, default: 180 }) },
  { name: 'costs', run: costs },
  { name: 'compose', run: composeDriver },
]

async function withDriver(name: string, work: (driver: Driver, signal: AbortSignal) => Promise<void>) {
  await inSession(process.exit, say, async (workspace, signal) => {
    await using driver = await named('driver', name, drivers).open({ workspace, signal, notify: say })
    await work(driver, signal)
  })
}

async function composeDriver(out: string): Promise<void> {
  const engine = await probeEngine(AbortSignal.timeout(10_000))
  if (engine.kind !== 'ready') {
    print(`not run  compose: ${engine.reason}`)
    return
  }
  await withDriver('compose', (driver, signal) =>
    clusterStarts(driver, { startMs: 8_000, switchMs: 6_000 }, signal),
  )
  await wholeRuns(out, 'compose', { quick: 90 })
}

const out = mkdtempSync(join(tmpdir(), 'selfbench-'))
process.on('exit', () => rmSync(out, { recursive: true, force: true }))
try {
  const { values } = parseArgs({ options: { only: { type: 'string' } } })
  for (const part of namedList('part', values.only, parts)) await part.run(out)
} catch (error) {
  say(`selfbench: ${messageOf(error)}`)
  process.exitCode = exitCodeOf(error) || ExitCode.harness
}
