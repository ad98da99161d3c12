/** Signals to the harness at some moment of a run or a cluster, its first second included. */
import { ExitCode } from '../../../bench/errors.ts'
import type { Random } from '../../../bench/stats/random.ts'
import type { FaultClass } from '../fault.ts'
import { bench, type Scene, type Started } from '../scene.ts'
import { oneOf, seconds, someCluster, someMoment, someRun } from '../subjects.ts'

const polite = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

async function disturbed(scene: Scene, random: Random): Promise<{ command: Started; atMs: number }> {
  const isCluster = random.int(4) === 0
  const { args, expectedMs } = isCluster
    ? { args: someCluster(random), expectedMs: 1_500 }
    : someRun(random, scene.out)
  const command = scene.start(bench(...args))
  const atMs = someMoment(random, expectedMs)
  await command.wait(atMs)
  return { command, atMs }
}

/** Before Node has loaded the first line of ours, the system ends it, and there is nothing to tidy up. */
export function beforeItBegan(atMs: number, signal: NodeJS.Signals): readonly NodeJS.Signals[] {
  return atMs < 250 ? [signal] : []
}

export const interrupted: FaultClass = {
  name: 'interrupted',
  summary: 'SIGINT, SIGTERM or SIGHUP during a run or a cluster, to it alone or to its whole terminal',
  async inject(scene, random) {
    const signal = oneOf(random, polite)
    const whom = oneOf(random, ['alone', 'group'] as const)
    const { command, atMs } = await disturbed(scene, random)
    if (command.hasEnded()) return null
    command.kill(signal, whom)
    const seen = await command.ended
    return {
      what: `${signal} (${whom}) after ${seconds(atMs)} of ${seen.line}`,
      // 0: a cluster has done its work then; a run may have been through.
      commands: [
        { seen, owed: { ends: [ExitCode.interrupted, ExitCode.pass, ...beforeItBegan(atMs, signal)] } },
      ],
    }
  },
}

export const interruptedTwice: FaultClass = {
  name: 'interrupted-twice',
  summary: 'a second signal soon after the first one',
  async inject(scene, random) {
    const [first, second] = [oneOf(random, polite), oneOf(random, polite)]
    const gapMs = 600 * random.next() ** 2
    const { command, atMs } = await disturbed(scene, random)
    if (command.hasEnded()) return null
    command.kill(first)
    await command.wait(gapMs)
    command.kill(second)
    const seen = await command.ended
    return {
      what: `${first} after ${seconds(atMs)} of ${seen.line}, and ${second} ${Math.round(gapMs)} ms later`,
      commands: [
        { seen, owed: { ends: [ExitCode.interrupted, ExitCode.pass, ...beforeItBegan(atMs, first)] } },
      ],
      runs: 'cut-off',
    }
  },
}

export const harnessKilled: FaultClass = {
  name: 'harness-killed',
  summary: 'SIGKILL to the harness during a run or a cluster, and then clean',
  clean: true,
  async inject(scene, random) {
    const { command, atMs } = await disturbed(scene, random)
    if (command.hasEnded()) return null
    command.kill('SIGKILL')
    const seen = await command.ended
    return {
      what: `SIGKILL after ${seconds(atMs)} of ${seen.line}`,
      commands: [{ seen, owed: { ends: ['SIGKILL', ExitCode.pass] } }],
      runs: 'cut-off',
    }
  },
}
