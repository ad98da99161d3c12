/** Holds the errors to the exit code and the words that lead whoever reads them to the cause. */
import { expect, test } from 'vitest'
import {
  ClusterError,
  concernsEverybody,
  EnvironmentError,
  exitCodeOf,
  messageOf,
  systemCode,
  UsageError,
  withRoom,
} from './errors.ts'

/** What `await using` throws when a body fails, and what it held fails to stop as well. */
async function failedTwice(first: unknown, second: unknown): Promise<unknown> {
  const fail = async () => {
    await using _held = {
      [Symbol.asyncDispose]: async () => {
        throw second
      },
    }
    throw first
  }
  return fail().catch((error: unknown) => error)
}

test('an environment that went away leads to exit code 2, whichever of two errors says so', async () => {
  const cluster = new ClusterError('a login got no answer')
  const gone = new EnvironmentError('the Docker Engine does not answer')
  for (const error of [await failedTwice(cluster, gone), await failedTwice(gone, cluster)]) {
    expect(exitCodeOf(error)).toBe(2)
  }
  expect(exitCodeOf(await failedTwice(cluster, cluster))).toBe(1)
  expect(exitCodeOf(await failedTwice(new DOMException('stop', 'AbortError'), cluster))).toBe(130)
})

test('of two errors both are told, the first one first', async () => {
  const error = await failedTwice(new Error('no login'), Object.assign(new Error('no stop'), { code: 'EIO' }))
  expect(messageOf(error)).toBe('no login; then, while stopping: no stop')
  expect(systemCode(error)).toBe('EIO')
})

test('a full disk is told with its folder and what chooses another; other errors are left as they are', () => {
  const fails = (code: string) => () => {
    throw Object.assign(new Error(`${code}: write`), { code })
  }
  expect(() => withRoom('/some/where', 'TMPDIR', fails('ENOSPC'))).toThrow(
    'no space left on the device for /some/where; make room, or choose another folder with TMPDIR',
  )
  expect(() => withRoom('/some/where', 'TMPDIR', fails('EFBIG'))).toThrow(
    'files in /some/where may not become large enough: there is a limit on their size; raise it (ulimit -f)',
  )
  expect(() => withRoom('/some/where', 'TMPDIR', fails('EIO'))).toThrow(/^EIO: write$/)
  expect(withRoom('/some/where', '--out', () => 1)).toBe(1)
})

test('what concerns every trial is told from what one strategy is to blame for', async () => {
  const system = (code: string) => Object.assign(new Error(code), { code })
  const everybody = [
    new UsageError('9 replicas are too many'),
    new EnvironmentError('the Docker Engine does not answer'),
    new Error('no space left', { cause: system('ENOSPC') }),
    system('EMFILE'),
    new ClusterError('nginx ended', { ended: 'nginx' }),
  ]
  const one = [
    new Error('the login of alice got 500'),
    new ClusterError('replica-1 ended', { ended: 'replica-1' }),
    // It waits for the replicas: when they answer nothing, it is not ready either.
    new ClusterError('nginx was not ready within 20 s'),
    system('ECONNREFUSED'),
    'a text that was thrown',
  ]
  for (const error of everybody) {
    expect(concernsEverybody(error), String(error)).toBe(true)
    expect(concernsEverybody(await failedTwice(one[0], error)), String(error)).toBe(true)
  }
  for (const error of one) expect(concernsEverybody(error), String(error)).toBe(false)
})
