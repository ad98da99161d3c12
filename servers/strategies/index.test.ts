/** Holds the files of strategies and the registry together, and the registry cheap to import. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConfigError } from '../config.ts'
import { control, strategies, strategyNamed } from './index.ts'

const NOT_STRATEGIES = ['index.ts', 'strategy.ts', 'control.ts']

test('every file is registered under its own name, once', () => {
  const files = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !NOT_STRATEGIES.includes(file))
    .map((file) => file.slice(0, -'.ts'.length))
  expect(strategies.map((strategy) => strategy.name).sort()).toEqual(files.sort())
})

test('the control can be started but is not compared', () => {
  expect(strategyNamed('control')).toBe(control)
  expect(strategies).not.toContain(control)
})

test('an unknown name is refused with the names there are', () => {
  expect(() => strategyNamed('mongo')).toThrow(ConfigError)
  expect(() => strategyNamed('mongo')).toThrow(
    "STRATEGY is 'mongo'; expected one of memory, memory-sticky, cookie, redis, redis-aof, control",
  )
})

test('the registry loads no package', () => {
  const registry = new URL('index.ts', import.meta.url)
  const script = `
    import { registerHooks } from 'node:module'
    registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context)
        if (found.url.includes('/node_modules/')) process.stdout.write(specifier + ' ')
        return found
      },
    })
    await import(${JSON.stringify(registry.href)})`
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })).toBe('')
})
