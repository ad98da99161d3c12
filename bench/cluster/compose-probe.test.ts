/** Holds the probe to an answer where the docker command itself is the problem: clusters of processes need none. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { sweepComposeLeftovers } from './compose-leftovers.ts'
import { probeEngine } from './compose-probe.ts'

afterEach(() => vi.unstubAllEnvs())
const { signal } = new AbortController()

test('a docker command that cannot be run is as good as none', async () => {
  using folder = temporaryFolder()
  vi.stubEnv('PATH', folder.path)
  expect(await probeEngine(signal)).toMatchObject({ kind: 'absent', reason: 'there is no docker command' })
  expect(await sweepComposeLeftovers(signal)).toBeNull()
  // A file that is no program, for anybody.
  writeFileSync(join(folder.path, 'docker'), '', { mode: 0o600 })
  const state = await probeEngine(signal)
  expect(state).toMatchObject({ kind: 'absent', reason: expect.stringContaining('cannot be run') })
  expect(state).toMatchObject({ message: expect.stringContaining('use --driver local') })
  expect(await sweepComposeLeftovers(signal)).toBeNull()
})
