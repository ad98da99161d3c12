/** Whoever started the harness is gone, and it has to notice by itself. */
import { ExitCode } from '../../../bench/errors.ts'
import type { Random } from '../../../bench/stats/random.ts'
import type { FaultClass, Tried } from '../fault.ts'
import type { End } from '../judge.ts'
import { bench, type Scene, type Started } from '../scene.ts'
import { longRun, seconds, someCluster } from '../subjects.ts'

/** Until it is noticed, and then an orderly way out. */
const goneWithinMs = 15_000
/** Clusters are started within this, and the first fault is put to them. */
const disturbedWithinMs = 8_000

/** What would go on for minutes. */
const endless = (scene: Scene, random: Random) =>
  random.int(2) === 0 ? longRun(random, scene.out) : someCluster(random)

/** @param who was sent the signal */
async function leave(
  scene: Scene,
  command: Started,
  signal: NodeJS.Signals,
  who: string,
  atMs: number,
  ends: readonly End[],
): Promise<Tried | null> {
  await command.wait(atMs)
  if (command.hasEnded()) return null
  command.kill(signal)
  await scene.quiet(goneWithinMs)
  const left = scene.processes().length
  await scene.killAll()
  const seen = await command.ended
  return {
    what: `${signal} to ${who} after ${seconds(atMs)} of ${seen.line}`,
    commands: left > 0 ? [] : [{ seen, owed: { ends, unheard: true } }],
    wrong: left > 0 ? [`${left} processes ran on for ${seconds(goneWithinMs)}`] : [],
    ...(left > 0 ? { runs: 'cut-off' } : {}),
  }
}

export const npmTerminated: FaultClass = {
  name: 'npm-terminated',
  summary: 'SIGTERM to npm alone, as `timeout` and some CI do',
  async inject(scene, random) {
    const command = scene.start(['npm', 'run', '--silent', 'bench', '--', ...endless(scene, random)])
    const atMs = 300 + disturbedWithinMs * random.next() // npm takes its time
    // How npm itself ends is not ours to judge.
    const ends = [ExitCode.pass, ExitCode.harness, ExitCode.interrupted, 143, 'SIGTERM'] satisfies End[]
    return leave(scene, command, 'SIGTERM', 'npm', atMs, ends)
  },
}

export const parentKilled: FaultClass = {
  name: 'parent-killed',
  summary: 'SIGKILL to the shell that started the harness',
  async inject(scene, random) {
    // With something to do afterwards, so that the shell stays.
    const command = scene.start(bench(...endless(scene, random)), { through: '"$@"; exit "$?"' })
    const atMs = 100 + disturbedWithinMs * random.next()
    return leave(scene, command, 'SIGKILL', 'its parent', atMs, ['SIGKILL'])
  },
}
