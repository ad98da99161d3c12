/** Whoever started the harness is gone, and it has to notice by itself. */
import { ExitCode } from '../../../bench/errors.ts'
import type { FaultClass } from '../fault.ts'
import type { End } from '../judge.ts'
import { bench } from '../scene.ts'
import { seconds, someMoment, someRun } from '../subjects.ts'

/** An orderly way out, and the moments until it is noticed. */
const goneWithinMs = 25_000

export const npmTerminated: FaultClass = {
  name: 'npm-terminated',
  summary: 'SIGTERM to npm alone, as `timeout` and some CI do',
  async inject(scene, random) {
    const { args, expectedMs } = someRun(random, scene.out)
    const command = scene.start(['npm', 'run', '--silent', 'bench', '--', ...args])
    const atMs = 300 + someMoment(random, expectedMs) // npm takes its time
    await command.wait(atMs)
    if (command.hasEnded()) return null
    command.kill('SIGTERM')
    await scene.quiet(goneWithinMs)
    const stillThere = scene.processes().length
    await scene.killAll()
    const seen = await command.ended
    // npm's own way of ending is not ours to judge.
    const ends: readonly End[] = [ExitCode.pass, ExitCode.harness, ExitCode.interrupted, 143, 'SIGTERM']
    return {
      what: `SIGTERM to npm after ${seconds(atMs)} of ${seen.line}`,
      commands: stillThere > 0 ? [] : [{ seen, owed: { ends, unheard: true } }],
      wrong: stillThere > 0 ? [`${stillThere} processes ran on for ${seconds(goneWithinMs)}`] : [],
    }
  },
}

export const parentKilled: FaultClass = {
  name: 'parent-killed',
  summary: 'SIGKILL to the shell that started the harness',
  async inject(scene, random) {
    const { args, expectedMs } = someRun(random, scene.out)
    // With something to do afterwards, so that the shell stays.
    const command = scene.start(bench(...args), { through: '"$@"; exit "$?"' })
    const atMs = 100 + someMoment(random, expectedMs)
    await command.wait(atMs)
    if (command.hasEnded()) return null
    command.kill('SIGKILL')
    await scene.quiet(goneWithinMs)
    const stillThere = scene.processes().length
    await scene.killAll()
    const seen = await command.ended
    return {
      what: `SIGKILL to the parent after ${seconds(atMs)} of ${seen.line}`,
      commands: stillThere > 0 ? [] : [{ seen, owed: { ends: ['SIGKILL', ExitCode.pass] } }],
      wrong: stillThere > 0 ? [`${stillThere} processes ran on for ${seconds(goneWithinMs)}`] : [],
    }
  },
}
