/** An independent witness of the costs: Debian's `wrk` against clusters of the same kind, windows in turn. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import type { Driver } from '../cluster/cluster.ts'
import { openConnections } from '../load/browser.ts'
import { logIn } from '../load/users.ts'
import { seededRandom } from '../stats/random.ts'
import { hodgesLehmann, walshAverages } from '../stats/signed-rank.ts'

const run = promisify(execFile)
const rounds = 10
const windowSeconds = 1
/** On each cluster before anything counts: some 20,000 requests per replica. */
const warmUpSeconds = 5
const connections = 24

/** Whether `wrk` can be run here. */
export async function hasWrk(): Promise<boolean> {
  try {
    await run('wrk', ['-v'])
  } catch (error) {
    return (error as { code?: unknown }).code === 1 // as it ends after telling its version
  }
  return true
}

/**
 * Requests per second of each strategy as a ratio to the control's, by `wrk`: windows of a second in random order, the
 * centre of the log ratios of the same rounds.
 */
export async function witnessRatios(
  driver: Driver,
  control: StrategyInfo,
  strategies: readonly StrategyInfo[],
  replicas: number,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  await using open = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'sessionbench-wrk-'))
  open.defer(() => rmSync(folder, { recursive: true, force: true }))
  const subjects = await Promise.all(
    [control, ...strategies].map(async (strategy) => {
      const cluster = open.use(await driver.start({ strategy, replicas }, signal))
      const pool = open.use(openConnections(cluster.entry, signal))
      const isControl = strategy === control
      const users = isControl ? [] : await logIn(pool, cluster.entry, 'user', connections, signal)
      const script = join(folder, `${strategy.name}.lua`)
      writeFileSync(
        script,
        isControl
          ? requestScript('/control', [])
          : requestScript(
              '/me',
              users.map(({ browser }) => browser.cookies.header('/me') ?? ''),
            ),
      )
      return { name: strategy.name, entry: cluster.entry, script, rates: [] as number[] }
    }),
  )
  const load = async ({ entry, script }: (typeof subjects)[number], seconds: number) => {
    const args = ['-t1', `-c${connections}`, `-d${seconds}`, '-s', script, entry.origin]
    const { stdout } = await run('wrk', args, { signal })
    const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
    if (!(rate > 0) || /Non-2xx/.test(stdout)) throw new Error(`wrk on ${entry.origin} said:\n${stdout}`)
    return rate
  }
  for (const subject of subjects) await load(subject, warmUpSeconds)
  const random = seededRandom(1)
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of random.shuffle(subjects)) subject.rates.push(await load(subject, windowSeconds))
  }
  const [beside, ...others] = subjects
  return Object.fromEntries(
    others.map(({ name, rates }) => {
      const logRatios = rates.map((rate, round) => Math.log(rate / beside!.rates[round]!))
      return [name, Math.exp(hodgesLehmann(walshAverages(logRatios)))]
    }),
  )
}

/** Each request with the cookies of one of the users, drawn at random. */
function requestScript(path: string, cookies: readonly string[]): string {
  if (cookies.length === 0) return `request = function() return wrk.format('GET', '${path}') end\n`
  return `local cookies = { ${cookies.map((cookie) => JSON.stringify(cookie)).join(', ')} }
request = function()
  return wrk.format('GET', '${path}', { ['Cookie'] = cookies[math.random(#cookies)] })
end
`
}
