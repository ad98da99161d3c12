/** The drivers that the contract suite is run on, each with a way to see what it has left behind. */
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Driver } from '../cluster/cluster.ts'
import { openComposeDriver } from '../cluster/compose.ts'
import { ownerLabel } from '../cluster/compose-leftovers.ts'
import { probeEngine } from '../cluster/compose-probe.ts'
import { localDriver } from '../cluster/local.ts'
import { openWorkspace, type Workspace } from '../cluster/workspace.ts'
import { ownerText, thisOwner } from '../processes/owner.ts'
import { groupMembers } from '../processes/process-table.ts'
import { foundBinaries } from './binaries.ts'

/**
 * Whether a missing Docker Engine is a failure and not a skip that is shown: where one is known to be there, as in CI, the
 * suites on containers must not be left out unnoticed.
 */
export const engineRequired = process.env.SESSIONBENCH_REQUIRE_ENGINE === '1'

export interface DriverUnderTest {
  readonly name: string
  /** Why this machine cannot run it; `null` when it can. */
  readonly missing: string | null
  open(signal: AbortSignal): Promise<Driver>
  /** Kills a member behind the back of its cluster, the only one there is. */
  killUnseen(member: string): Promise<void>
  /** What it has started and not removed; empty once every cluster is gone. */
  leftovers(): Promise<string[]>
  /** Ends what a failed test has left. */
  close(): Promise<void>
}

export async function driversUnderTest(): Promise<DriverUnderTest[]> {
  return [local(), await compose()]
}

function local(): DriverUnderTest {
  let workspace: Workspace | undefined
  return {
    name: 'local',
    missing: null, // what it needs is fetched, or the global setup says how to get it
    async open() {
      workspace = openWorkspace()
      return localDriver(foundBinaries(), workspace)
    },
    async killUnseen(member) {
      const isIt = (pid: number) => readlinkSync(`/proc/${pid}/fd/1`).endsWith(`/${member}.log`)
      process.kill(
        startedBy(workspace)
          .filter((pid) => groupMembers(pid).length > 0)
          .find(isIt)!,
        'SIGKILL',
      )
    },
    async leftovers() {
      return startedBy(workspace).flatMap((pid) => groupMembers(pid).map((member) => `process ${member}`))
    },
    async close() {
      workspace?.killAll()
      workspace?.[Symbol.dispose]()
    },
  }
}

function startedBy(workspace: Workspace | undefined): number[] {
  try {
    const list = readFileSync(join(workspace?.path ?? '', 'processes.jsonl'), 'utf8')
    return list
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { pid: number }).pid)
  } catch {
    return [] // nothing has been started yet
  }
}

async function compose(): Promise<DriverUnderTest> {
  const engine = await probeEngine(AbortSignal.timeout(30_000))
  const mine = ['--filter', `label=${ownerLabel}=${ownerText(thisOwner())}`]
  const listed = (...args: string[]) =>
    execFileSync('docker', [...args, ...mine], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean)
  return {
    name: 'compose',
    missing: engine.kind === 'ready' ? null : engine.message,
    open: (signal) => openComposeDriver({ signal }),
    async killUnseen(member) {
      const service = `label=com.docker.compose.service=${member}`
      execFileSync('docker', ['kill', ...listed('ps', '--quiet', '--filter', service)], { stdio: 'ignore' })
    },
    leftovers: async () => [
      ...listed('ps', '--all', '--format', 'container {{.Names}}'),
      ...listed('network', 'ls', '--format', 'network {{.Name}}'),
      ...listed('volume', 'ls', '--format', 'volume {{.Name}}'),
    ],
    async close() {},
  }
}
