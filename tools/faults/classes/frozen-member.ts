/** A member of a run's cluster is stopped (SIGSTOP) at some moment: for a while, or until somebody loses patience and interrupts. */
import { ExitCode } from '../../../bench/errors.ts'
import type { FaultClass } from '../fault.ts'
import type { Role } from '../processes.ts'
import { bench } from '../scene.ts'
import { seconds, someMoment, someRun } from '../subjects.ts'
import { someMember } from '../victim.ts'

const roles: readonly Role[] = ['replica', 'store', 'nginx']

export const frozenMembers: readonly FaultClass[] = roles.map((role) => ({
  name: `${role}-frozen`,
  summary: `SIGSTOP to a ${role} during a run, and SIGCONT or Ctrl-C after a while`,
  async inject(scene, random) {
    const { args, expectedMs } = someRun(random, scene.out, { withStore: role === 'store' })
    const command = scene.start(bench(...args))
    const atMs = someMoment(random, expectedMs)
    const forMs = 100 + 6_000 * random.next() ** 2
    const forGood = random.int(2) === 0
    await command.wait(atMs)
    const member = await someMember(scene, command, role, random)
    if (member === null) return null
    scene.send('SIGSTOP', member)
    await command.wait(forMs)
    if (forGood) command.kill('SIGINT')
    else scene.send('SIGCONT', member)
    const seen = await command.ended
    const then = forGood ? 'Ctrl-C' : 'SIGCONT'
    return {
      what: `SIGSTOP to ${member.name} after ${seconds(atMs)} of ${seen.line}, and ${then} after ${seconds(forMs)}`,
      commands: [
        {
          seen,
          owed: {
            ends: [
              ExitCode.pass,
              ExitCode.trialFailed,
              ...(role === 'nginx' ? [ExitCode.harness] : []),
              ...(forGood ? [ExitCode.interrupted] : []),
            ],
            names:
              role === 'replica'
                ? /replica-\d|no answer|timed? ?out|within/i
                : /redis|nginx|no answer|timed? ?out|within/i,
          },
        },
      ],
    }
  },
}))
