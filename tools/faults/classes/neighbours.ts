/** Several runs begin in the same moment; one is killed, and somebody tidies up while the others go on. */
import { ExitCode } from '../../../bench/errors.ts'
import type { FaultClass } from '../fault.ts'
import { bench } from '../scene.ts'
import { oneOf, seconds, someMoment, someRun } from '../subjects.ts'

export const neighbourKilled: FaultClass = {
  name: 'neighbour-killed',
  summary: 'three runs side by side, SIGKILL to one, clean beside the others',
  clean: true,
  async inject(scene, random) {
    const subjects = [1, 2, 3].map(() => someRun(random, scene.out, { shortest: true }))
    const commands = subjects.map(({ args }) => scene.start(bench(...args)))
    const victim = oneOf(random, commands)
    const atMs = someMoment(random, subjects[0]!.expectedMs)
    await victim.wait(atMs)
    victim.kill('SIGKILL')
    const killed = await victim.ended
    const clean = await scene.start(bench('clean')).ended
    const others = await Promise.all(commands.filter((one) => one !== victim).map(({ ended }) => ended))
    return {
      what: `SIGKILL after ${seconds(atMs)} of ${killed.line}, beside two others, and clean`,
      commands: [
        { seen: killed, owed: { ends: ['SIGKILL', ExitCode.pass] } },
        { seen: clean, owed: { ends: [ExitCode.pass] } },
        ...others.map((seen) => ({ seen, owed: { ends: [ExitCode.pass] } })),
      ],
      runs: 'cut-off',
    }
  },
}
