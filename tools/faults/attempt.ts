/** Tries one fault from its seed to the judgement. */
import { messageOf } from '../../bench/errors.ts'
import { seededRandom } from '../../bench/stats/random.ts'
import { clean } from '../../bench/text/clean.ts'
import type { Campaign, FaultClass, Tried } from './fault.ts'
import { judgeCommand, judgeLeft, judgeRunFolder } from './judge.ts'
import { bench, openScene, type Scene } from './scene.ts'
import { seeRuns } from './see-runs.ts'
import type { Result } from './table.ts'

/** @throws the signal's reason when the campaign is interrupted */
export async function attempt(
  entry: FaultClass,
  seed: number,
  campaign: Campaign,
  signal: AbortSignal,
): Promise<Result> {
  const startedAt = performance.now()
  await using scene = openScene(signal)
  const about = { name: entry.name, seed }
  try {
    const tried = await entry.inject(scene, seededRandom(seed), campaign)
    signal.throwIfAborted()
    const wrong = tried === null ? [] : await judge(entry, tried, scene)
    signal.throwIfAborted()
    return {
      ...about,
      outcome: tried === null ? 'missed' : wrong.length > 0 ? 'failed' : 'held',
      what: tried?.what ?? '',
      wrong,
      said: tried === null || wrong.length === 0 ? '' : lastWords(tried),
      tookMs: performance.now() - startedAt,
    }
  } catch (error) {
    signal.throwIfAborted()
    const wrong = [
      `the fault itself could not be put: ${messageOf(error).split('\n').slice(0, 4).join(' | ')}`,
    ]
    const tookMs = performance.now() - startedAt
    return { ...about, outcome: 'failed', what: entry.summary, wrong, said: '', tookMs }
  }
}

async function judge(entry: FaultClass, tried: Tried, scene: Scene): Promise<string[]> {
  const wrong = [
    ...tried.commands.flatMap(({ seen, owed }) => judgeCommand(seen, owed)),
    ...(tried.wrong ?? []),
  ]
  if (entry.clean === true) wrong.push(...(await cleanUp(scene)))
  await scene.quiet()
  wrong.push(
    ...judgeLeft({
      processes: scene.processes().map(({ pid, name }) => `${pid} ${name}`),
      folders: scene.folders(),
    }),
  )
  if (tried.runs !== 'damaged') {
    wrong.push(...seeRuns(scene.out).flatMap((run) => judgeRunFolder(run, tried.runs === 'cut-off')))
  }
  return shortened([...new Set(wrong)])
}

async function cleanUp(scene: Scene): Promise<string[]> {
  const seen = await scene.start(bench('clean')).ended
  return judgeCommand(seen, { ends: [0] }).map((problem) => `clean: ${problem}`)
}

/** Of the command that was disturbed. */
function lastWords({ commands }: Tried): string {
  return clean(commands[0]?.seen.stderr ?? '')
    .trimEnd()
    .split('\n')
    .slice(-mostLines)
    .join('\n')
}

const mostLines = 12
const mostShown = 8

function shortened(wrong: readonly string[]): string[] {
  const more = wrong.length - mostShown
  return more > 0 ? [...wrong.slice(0, mostShown), `and ${more} more`] : [...wrong]
}
