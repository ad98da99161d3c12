/** Holds a failed `docker` command to the error that tells whether the Engine or the cluster is to blame. */
import { expect, test } from 'vitest'
import { ClusterError, EnvironmentError, exitCodeOf } from '../errors.ts'
import { commandError } from './compose-command.ts'

const failed = (tail: string) => commandError('no cluster', { exitCode: 1, stdout: '', tail })

test.each([
  '  Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
  '  failed to connect to the docker API at unix:///var/run/docker.sock; check if the daemon is running',
])('an Engine that has gone away leads to exit code 2: %s', (said) => {
  const error = failed(said)
  expect(error).toBeInstanceOf(EnvironmentError)
  expect(error.message).toContain(
    `the Docker Engine does not answer (any more); see \`docker info\`. It said:\n${said}`,
  )
  expect(exitCodeOf(error)).toBe(2)
})

test('anything else is the fault of the cluster, in its own words', () => {
  const error = failed('  service "redis" depends on undefined service')
  expect(error).toBeInstanceOf(ClusterError)
  expect(error.message).toBe('no cluster; it said:\n  service "redis" depends on undefined service')
  expect(exitCodeOf(error)).toBe(1)
})
