/** Chooses the member of somebody's cluster that something is to happen to, and does it. */
import type { Random } from '../../bench/stats/random.ts'
import type { Role, SceneProcess } from './processes.ts'
import type { Scene, Started } from './scene.ts'
import { oneOf } from './subjects.ts'

/** @returns `null` when the command ends before it has such a member */
export async function someMember(
  scene: Scene,
  command: Started,
  role: Role,
  random: Random,
): Promise<SceneProcess | null> {
  while (!command.hasEnded()) {
    const members = scene.processes().filter((each) => each.role === role)
    if (members.length > 0) return oneOf(random, members)
    await command.wait(20)
  }
  return null
}

/**
 * Kills such a member, or freezes it for a while.
 * @returns the member; `null` as `someMember`
 */
export async function strike(
  scene: Scene,
  command: Started,
  role: Role,
  { signal, forMs }: { readonly signal: 'SIGKILL' | 'SIGSTOP'; readonly forMs: number },
  random: Random,
): Promise<SceneProcess | null> {
  const member = await someMember(scene, command, role, random)
  if (member === null) return null
  scene.send(signal, member)
  if (signal === 'SIGSTOP') {
    await command.wait(forMs)
    scene.send('SIGCONT', member)
  }
  return member
}
