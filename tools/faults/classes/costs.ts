/** A member is frozen or killed while costs are measured, which takes a preset that warms its clusters up. */
import { ExitCode } from '../../../bench/errors.ts'
import { strategies } from '../../../servers/strategies/index.ts'
import type { FaultClass } from '../fault.ts'
import type { Role } from '../processes.ts'
import { bench } from '../scene.ts'
import { oneOf, seconds } from '../subjects.ts'
import { strike } from '../victim.ts'

/** Three trials on two cores. */
const expectedMs = 60_000

export const costsDisturbed: FaultClass = {
  name: 'costs-disturbed',
  summary: 'a member is frozen for a while, or killed, while costs are measured',
  slow: true,
  async inject(scene, random) {
    const role = oneOf(random, ['replica', 'replica', 'nginx'] satisfies Role[])
    const signal = oneOf(random, ['SIGSTOP', 'SIGSTOP', 'SIGKILL'] as const)
    const command = scene.start(
      bench(
        ...['run', '--preset', 'default', '--driver', 'local', '--experiments', 'throughput'],
        ...['--strategies', oneOf(random, strategies).name, '--replicas', '1', '--out', scene.out],
      ),
      { patienceMs: 5 * expectedMs },
    )
    const atMs = expectedMs * random.next()
    const forMs = 200 + 3_000 * random.next()
    await command.wait(atMs)
    const member = await strike(scene, command, role, { signal, forMs }, random)
    if (member === null) return null
    const seen = await command.ended
    const forHowLong = signal === 'SIGSTOP' ? ` for ${seconds(forMs)}` : ''
    return {
      what: `${signal} to ${member.name}${forHowLong} after ${seconds(atMs)} of ${seen.line}`,
      commands: [
        {
          seen,
          owed: {
            ends: [ExitCode.pass, ExitCode.trialFailed, ExitCode.harness],
            names: new RegExp(member.name),
          },
        },
      ],
    }
  },
}
