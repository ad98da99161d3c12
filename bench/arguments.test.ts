/** Holds the reading of arguments to its messages: what was typed, what was expected, what was probably meant. */
import { expect, test } from 'vitest'
import { control, strategies } from '../servers/strategies/index.ts'
import {
  mostReplicas,
  named,
  namedList,
  portNumber,
  replicaCount,
  seedNumber,
  userCount,
} from './arguments.ts'
import { UsageError } from './errors.ts'
import { experiments } from './experiments/index.ts'

test('a name means its entry', () => {
  for (const entry of strategies) expect(named('strategy', entry.name, strategies)).toBe(entry)
})

test.each([
  [
    'redsi',
    "unknown strategy 'redsi'; expected one of memory, memory-sticky, cookie, redis, redis-aof. Did you mean 'redis'?",
  ],
  ['Cookie', "Did you mean 'cookie'?"],
  ['memory-stiky', "Did you mean 'memory-sticky'?"],
  ['sticky-memory', 'redis-aof.'],
  ['postgres', 'redis-aof.'],
  ['', "unknown strategy ''"],
])('the strategy %j is unknown, and the nearest is named when there is one', (name, message) => {
  const call = () => named('strategy', name, strategies)
  expect(call).toThrow(UsageError)
  expect(call).toThrow(message)
  if (!message.includes('mean')) expect(call).not.toThrow('Did you mean')
})

test('an unknown experiment and an unknown preset are named as such', () => {
  expect(() => named('experiment', 'troughput', experiments)).toThrow(
    /unknown experiment 'troughput'.*Did you mean 'throughput'\?/,
  )
  const presets = ['quick', 'default', 'thorough'].map((name) => ({ name }))
  expect(() => named('preset', 'quik', presets)).toThrow("unknown preset 'quik'")
})

test('a list is read in the order of the registry, each entry once, with spaces or without', () => {
  const names = (list: string | undefined) => namedList('strategy', list, strategies).map(({ name }) => name)
  expect(names('redis, memory,redis')).toEqual(['memory', 'redis'])
  expect(names(undefined)).toEqual(strategies.map(({ name }) => name))
  expect(() => names('redis,')).toThrow("unknown strategy ''")
  expect(() => names('redis;memory')).toThrow(UsageError)
  expect(() => names(control.name)).toThrow("unknown strategy 'control'")
})

test.each(['0', '1.5', '1000', '-1', 'three', '', ' ', 'NaN', 'Infinity', '3 replicas', '0x'])(
  '%j is no number of replicas',
  (text) => {
    const call = () => replicaCount(text)
    expect(call).toThrow(UsageError)
    expect(call).toThrow(`--replicas is '${text}'; expected a whole number from 1 to ${mostReplicas}`)
  },
)

test.each([
  [replicaCount, '1', 1],
  [replicaCount, '32', 32],
  [userCount, '2', 2],
  [seedNumber, '0', 0],
  [seedNumber, '4294967295', 4294967295],
  [portNumber, '8080', 8080],
])('numbers within their bounds are taken', (read, text, value) => {
  expect(read(text)).toBe(value)
})

test.each([
  [userCount, '1', '--users'],
  [userCount, '100001', '--users'],
  [seedNumber, '-1', '--seed'],
  [seedNumber, '4294967296', '--seed'],
  [portNumber, '0', '--port'],
  [portNumber, '65536', '--port'],
])('numbers out of their bounds name the option', (read, text, option) => {
  expect(() => read(text)).toThrow(`${option} is '${text}'; expected a whole number from`)
})
