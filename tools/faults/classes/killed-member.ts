/** A member of a run's cluster gets SIGKILL at some moment. */
import { ExitCode } from '../../../bench/errors.ts'
import type { FaultClass } from '../fault.ts'
import type { Role } from '../processes.ts'
import { bench } from '../scene.ts'
import { seconds, someMoment, someRun } from '../subjects.ts'
import { someMember } from '../victim.ts'

interface Kind {
  readonly role: Role
  /** How a run may end that has noticed; one in which it made no difference ends with 0. */
  readonly end: number
  readonly names: RegExp
}

const kinds: readonly Kind[] = [
  { role: 'replica', end: ExitCode.trialFailed, names: /replica-\d/ },
  { role: 'store', end: ExitCode.trialFailed, names: /redis/ },
  { role: 'nginx', end: ExitCode.harness, names: /nginx/ },
]

export const killedMembers: readonly FaultClass[] = kinds.map(({ role, end, names }) => ({
  name: `${role}-killed`,
  summary: `SIGKILL to a ${role} during a run`,
  async inject(scene, random) {
    const { args, expectedMs } = someRun(random, scene.out, { withStore: role === 'store' })
    const command = scene.start(bench(...args))
    const atMs = someMoment(random, expectedMs)
    await command.wait(atMs)
    const member = await someMember(scene, command, role, random)
    if (member === null) return null
    scene.send('SIGKILL', member)
    const seen = await command.ended
    return {
      what: `SIGKILL to ${member.name} after ${seconds(atMs)} of ${seen.line}`,
      commands: [{ seen, owed: { ends: [ExitCode.pass, end], names } }],
    }
  },
}))
