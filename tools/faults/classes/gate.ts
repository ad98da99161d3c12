/** Gates of the project against itself: nothing can be worse, whatever happens to them. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { ExitCode } from '../../../bench/errors.ts'
import type { Random } from '../../../bench/stats/random.ts'
import type { FaultClass } from '../fault.ts'
import type { SeenCommand } from '../judge.ts'
import type { Role } from '../processes.ts'
import { copyProject } from '../project-copy.ts'
import type { Scene, Started } from '../scene.ts'
import { oneOf, seconds } from '../subjects.ts'
import { strike } from '../victim.ts'
import { beforeItBegan } from './signals.ts'

/** Checking logins, before any costs. */
const firstPartMs = 15_000
const patienceMs = 240_000

/** In a copy, so that nothing happens to anybody's repository. */
function openGate(scene: Scene, random: Random) {
  const cwd = copyProject(join(scene.path, 'project'))
  const bench = (...args: string[]) => [process.execPath, join(cwd, 'bench/main.js'), ...args]
  const strategy = oneOf(random, ['memory', 'cookie', 'redis'])
  const args = ['gate', '--against', 'HEAD', '--strategies', strategy, '--out', scene.out]
  return {
    start: (): Started => scene.start(bench(...args), { cwd, patienceMs }),
    clean: (): Promise<SeenCommand> => scene.start(bench('clean'), { cwd }).ended,
    /** That git still lists a checkout of the gate. */
    leftWorktrees() {
      const list = execFileSync('git', ['worktree', 'list', '--porcelain'], { cwd, encoding: 'utf8' })
      const count = (list.match(/^worktree /gm) ?? []).length
      return count === 1 ? [] : [`git still lists ${count - 1} worktrees of the gate`]
    },
  }
}

export const gateInterrupted: FaultClass = {
  name: 'gate-interrupted',
  summary: 'one signal or two during a gate, or SIGKILL and then clean',
  async inject(scene, random) {
    const gate = openGate(scene, random)
    const command = gate.start()
    const atMs = firstPartMs * random.next() ** 2
    const how = oneOf(random, ['once', 'twice', 'killed'] as const)
    const gapMs = 400 * random.next() ** 2
    await command.wait(atMs)
    if (command.hasEnded()) return null
    const signal = how === 'killed' ? 'SIGKILL' : oneOf(random, ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    command.kill(signal)
    if (how === 'twice') {
      await command.wait(gapMs)
      command.kill('SIGINT')
    }
    const seen = await command.ended
    const clean = how === 'once' ? [] : [{ seen: await gate.clean(), owed: { ends: [ExitCode.pass] } }]
    const done = how === 'twice' ? `twice within ${Math.round(gapMs)} ms` : how
    return {
      what: `${done} after ${seconds(atMs)} of ${seen.line}`,
      commands: [
        {
          seen,
          owed: {
            ends: how === 'killed' ? [signal] : [ExitCode.interrupted, ...beforeItBegan(atMs, signal)],
          },
        },
        ...clean,
      ],
      wrong: gate.leftWorktrees(),
      runs: 'cut-off',
    }
  },
}

export const gateMemberLost: FaultClass = {
  name: 'gate-member-lost',
  summary: 'a member of a cluster is killed or frozen during a gate of the same code',
  slow: true,
  async inject(scene, random) {
    const gate = openGate(scene, random)
    const command = gate.start()
    const atMs = 2_000 + 2 * firstPartMs * random.next()
    const role = oneOf(random, ['replica', 'replica', 'nginx'] satisfies Role[])
    const signal = oneOf(random, ['SIGKILL', 'SIGSTOP'] as const)
    const forMs = 3_000 * random.next()
    await command.wait(atMs)
    const member = await strike(scene, command, role, { signal, forMs }, random)
    if (member === null) return null
    // Time to say something wrong; what costs come to is another question.
    await command.wait(30_000)
    command.kill('SIGINT')
    const seen = await command.ended
    return {
      what: `${signal} to ${member.name} after ${seconds(atMs)} of ${seen.line}`,
      commands: [
        {
          seen,
          owed: {
            ends: [ExitCode.interrupted, ExitCode.pass, ExitCode.harness, ExitCode.usage],
            names: new RegExp(member.name),
          },
        },
      ],
      wrong: [
        ...gate.leftWorktrees(),
        ...(/choose another/i.test(seen.stderr)
          ? ['it blames the base for what happened on this machine']
          : []),
      ],
    }
  },
}
