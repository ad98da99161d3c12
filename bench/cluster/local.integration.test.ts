/** What only a driver of this machine's own processes can be held to without asking anybody else to end them. */
import { expect, test } from 'vitest'
import { strategies } from '../../servers/strategies/index.ts'
import { foundBinaries } from '../testing/binaries.ts'
import { until } from '../testing/until.ts'
import { localDriver } from './local.ts'
import { openWorkspace } from './workspace.ts'

test('a member that ended by itself is noticed when it is next used, also by whoever wants to end it', async () => {
  using workspace = openWorkspace()
  await using driver = localDriver(foundBinaries(), workspace)
  const strategy = strategies.find(({ name }) => name === 'memory')!
  await using cluster = await driver.start({ strategy, replicas: 1 }, AbortSignal.timeout(60_000))
  const [replica] = cluster.replicas
  workspace.killAll()
  const said = () => replica!.cpuMicros().then(() => 'alive', String)
  await until(async () => (await said()) !== 'alive')
  expect(await said()).toMatch(/replica-1 ended by itself \(SIGKILL\); its last words:\n.*listening/s)
  for (const use of ['stop', 'kill', 'memoryBytes'] as const) {
    await expect(replica![use](), use).rejects.toMatchObject({ name: 'ClusterError', ended: 'replica-1' })
  }
  await replica!.start()
  expect(await replica!.cpuMicros()).not.toBeNaN()
})
