/** A member of a cluster in the foreground gets SIGKILL: whoever tries it by hand must hear of it. */
import { ExitCode } from '../../../bench/errors.ts'
import type { FaultClass } from '../fault.ts'
import type { Role } from '../processes.ts'
import { bench } from '../scene.ts'
import { oneOf, seconds, someCluster } from '../subjects.ts'
import { someMember } from '../victim.ts'

const hearWithinMs = 5_000

export const clusterMemberKilled: FaultClass = {
  name: 'cluster-member-killed',
  summary: 'SIGKILL to a member of a cluster in the foreground',
  async inject(scene, random) {
    const role = oneOf(random, ['replica', 'store', 'nginx'] satisfies Role[])
    const command = scene.start(bench(...someCluster(random, { withStore: role === 'store' })))
    await command.wait(30_000, /Ctrl-C stops it/)
    const afterMs = 1_000 * random.next() ** 2
    await command.wait(afterMs)
    const member = await someMember(scene, command, role, random)
    if (member === null) return null
    const heardBefore = command.text().length
    const name = new RegExp(`${member.name}\\b`)
    scene.send('SIGKILL', member)
    const end = performance.now() + hearWithinMs
    const heard = () => name.test(command.text().slice(heardBefore))
    while (!heard() && !command.hasEnded() && performance.now() < end) await command.wait(50)
    const said = heard()
    command.kill('SIGINT')
    const seen = await command.ended
    return {
      what: `SIGKILL to ${member.name} of ${seen.line}, ready for ${seconds(afterMs)}`,
      commands: [
        {
          seen,
          owed: {
            ends: [ExitCode.pass, ExitCode.harness, ExitCode.trialFailed, ExitCode.interrupted],
            names: name,
          },
        },
      ],
      wrong: said ? [] : [`it said nothing of ${member.name} within ${seconds(hearWithinMs)}`],
    }
  },
}
