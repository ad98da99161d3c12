/** Reading a replica's configuration: what is taken, what is assumed, and what is refused with which message. */
import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const least = { STRATEGY: 'memory', SESSION_SECRET: '0123456789abcdef' }

test('assumes what is not given', () => {
  expect(readConfig(least)).toEqual({
    name: 'replica',
    host: '127.0.0.1',
    port: 3000,
    strategy: 'memory',
    sessionSecret: '0123456789abcdef',
    redisUrl: undefined,
    drainLimitMs: 5_000,
  })
})

test('takes what is given', () => {
  const given = {
    REPLICA_NAME: 'replica-2',
    HOST: '0.0.0.0',
    PORT: '0',
    STRATEGY: 'redis',
    SESSION_SECRET: 'another secret of some length',
    REDIS_URL: 'redis://store:6379',
    DRAIN_LIMIT_MS: '250',
  }
  expect(readConfig(given)).toEqual({
    name: 'replica-2',
    host: '0.0.0.0',
    port: 0,
    strategy: 'redis',
    sessionSecret: 'another secret of some length',
    redisUrl: 'redis://store:6379',
    drainLimitMs: 250,
  })
})

test('takes an empty variable for one that is not set', () => {
  const empty = { REPLICA_NAME: '', HOST: '', PORT: '', REDIS_URL: '', DRAIN_LIMIT_MS: '' }
  expect(readConfig({ ...least, ...empty })).toEqual(readConfig(least))
})

test.each([
  [{ STRATEGY: undefined }, 'STRATEGY is not set; expected the name of a session strategy, e.g. memory'],
  [{ SESSION_SECRET: '' }, 'SESSION_SECRET is not set; expected at least 16 characters'],
  [{ SESSION_SECRET: 'short' }, 'SESSION_SECRET has 5 characters; expected at least 16'],
  [{ PORT: '65536' }, "PORT is '65536'; expected a whole number from 0 to 65535"],
  [{ PORT: '80a' }, "PORT is '80a'; expected a whole number"],
  [{ PORT: '-1' }, "PORT is '-1'; expected a whole number"],
  [{ PORT: '1.5' }, "PORT is '1.5'; expected a whole number"],
  [{ DRAIN_LIMIT_MS: 'soon' }, "DRAIN_LIMIT_MS is 'soon'; expected a whole number from 0 to 600000"],
  [{ REPLICA_NAME: 'a b' }, "REPLICA_NAME is 'a b'; expected 1 to 64 letters, digits, '-' or '_'"],
  [{ REPLICA_NAME: 'a\r\nSet-Cookie: x' }, 'REPLICA_NAME is'],
  [{ REPLICA_NAME: 'x'.repeat(65) }, 'REPLICA_NAME is'],
])('refuses %j', (wrong, message) => {
  const read = () => readConfig({ ...least, ...wrong })
  expect(read).toThrow(ConfigError)
  expect(read).toThrow(message)
})

test('does not repeat the secret in a message', () => {
  expect(() => readConfig({ ...least, SESSION_SECRET: 'hunter2' })).not.toThrow('hunter2')
})
