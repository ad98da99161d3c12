/** Both sides of a gate, each with a driver that runs its own servers. */
import type { Binaries } from '../binaries/find.ts'
import { localDriver } from '../cluster/local.ts'
import type { Workspace } from '../cluster/workspace.ts'
import type { Checkouts } from './checkouts.ts'
import { type Side, type SideUnderTest, strategiesOf } from './side.ts'

/** nginx.conf and everything else that is not in `servers/` is that of the harness, for both. */
export async function openSides(
  checkouts: Checkouts,
  binaries: Binaries,
  workspace: Workspace,
): Promise<Record<Side, SideUnderTest>> {
  const open = async (side: Side): Promise<SideUnderTest> => ({
    side,
    driver: localDriver(binaries, workspace, checkouts[side]),
    strategies: await strategiesOf(side, checkouts[side]),
  })
  return { base: await open('base'), head: await open('head') }
}
