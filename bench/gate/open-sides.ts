/** Both sides of a gate, each with a driver that runs its own servers. */
import type { Binaries } from '../binaries/find.ts'
import { localDriver } from '../cluster/local.ts'
import type { Workspace } from '../cluster/workspace.ts'
import type { Checkouts } from './checkouts.ts'
import { readRegistry } from './registry.ts'
import type { Side, SideUnderTest } from './side.ts'

/** nginx.conf and everything else that is not in `servers/` is that of the harness, for both. */
export async function openSides(
  checkouts: Checkouts,
  binaries: Binaries,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<Record<Side, SideUnderTest>> {
  const open = async (side: Side): Promise<SideUnderTest> => {
    const { strategies, control } = await readRegistry(side, checkouts[side], signal)
    const driver = localDriver(binaries, workspace, checkouts[side])
    return { side, driver, strategies: [...strategies, control] }
  }
  return { base: await open('base'), head: await open('head') }
}
