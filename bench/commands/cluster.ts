/** The command `cluster`: runs one cluster in the foreground. */
import { control, strategies } from '../../servers/strategies/index.ts'
import { named } from '../arguments.ts'
import { drivers } from '../drivers.ts'
import { ExitCode } from '../errors.ts'
import { inSession } from '../session.ts'
import type { Terminal } from './terminal.ts'
import { watchMembers } from './watch-members.ts'

/** As it is typed. */
export interface ClusterOptions {
  readonly strategy: string
  readonly replicas: number
  readonly port?: number
  readonly driver: string
}

/** Runs until a signal says stop, and tells when a member ends before; then ends the process. */
export async function clusterCommand(options: ClusterOptions, { print, say, exit }: Terminal): Promise<void> {
  const strategy = named('strategy', options.strategy, [...strategies, control])
  const driverEntry = named('driver', options.driver, drivers)
  await inSession(exit, say, async (workspace, signal) => {
    await using driver = await driverEntry.open({ workspace, signal, notify: say })
    await using cluster = await driver.start(
      {
        strategy,
        replicas: options.replicas,
        ...(options.port === undefined ? {} : { port: options.port }),
      },
      signal,
    )
    await print(`${strategy.name}, ${options.replicas} replicas: ${cluster.entry.origin}

  curl -c jar -b jar -H 'Content-Type: application/json' -d '{"user":"alice"}' ${cluster.entry.origin}/login
  curl -c jar -b jar ${cluster.entry.origin}/me
  curl -c jar -b jar -X POST ${cluster.entry.origin}/counter
  curl -c jar -b jar -X POST ${cluster.entry.origin}/logout

Ctrl-C stops it.
`)
    await watchMembers(cluster, say, signal)
  })
  exit(ExitCode.pass)
}
