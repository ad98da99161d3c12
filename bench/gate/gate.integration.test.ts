/** The command `gate` on a copy of the project with real clusters: bad input, a base and a head that are broken. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type ProjectCopy, projectCopy } from './testing/project-copy.ts'

const timeoutMs = 120_000

function expectNothingLeft(copy: ProjectCopy): void {
  expect(copy.git('worktree', 'list', '--porcelain').match(/^worktree /gm)).toHaveLength(1)
  expect(copy.leftFolders()).toEqual([])
}

describe('bad input is named, and nothing is started', () => {
  const copy = projectCopy()
  afterAll(() => copy[Symbol.dispose]())
  test.each([
    [['--tolerance', '0%'], "--tolerance is '0%'; expected"],
    [['--tolerance', 'much'], "--tolerance is 'much'; expected"],
    [['--max-time', '10'], "--max-time is '10'; expected"],
    [['--max-time', '20s'], '--max-time is too short'],
    [['--strategies', 'redsi'], "Did you mean 'redis'?"],
    [['--against', 'nowhere'], "unknown ref 'nowhere'"],
  ])('%j', async (args, message) => {
    const { code, stderr, stdout } = await copy.bench(['gate', '--strategies', 'redis', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expectNothingLeft(copy)
  })
})

test.each([
  ['base', (copy: ProjectCopy) => copy.commit('the end')],
  ['head', () => {}],
])('a %s whose strategies end the process that loads them is no green gate', async (side, commit) => {
  using copy = projectCopy()
  copy.change(
    'servers/strategies/index.ts',
    'export const strategies',
    'process.exit(0)\nexport const strategies',
  )
  commit(copy)
  if (side === 'base') copy.git('checkout', 'HEAD~1', '--', 'servers')
  const { code, stdout, stderr } = await copy.bench(['gate', '--against', 'HEAD'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(`the strategies of ${side} cannot be read: loading it ended the process`)
  expectNothingLeft(copy)
})

test('a base that does not start: its last words, and how to choose another', {
  timeout: timeoutMs,
}, async () => {
  using copy = projectCopy()
  copy.change(
    'servers/replica.ts',
    'async function main',
    "throw new Error('broken base')\nasync function main",
  )
  copy.commit('broken')
  copy.git('checkout', 'HEAD~1', '--', 'servers/replica.ts')
  const { code, stderr } = await copy.bench(['gate', '--against', 'HEAD', '--strategies', 'redis'])
  expect(stderr).toMatch(/the base cannot be measured.*broken base.*--against REF/s)
  expect(code).toBe(2)
  expectNothingLeft(copy)
})

test('a logout that does not log out, not even committed, fails the gate', {
  timeout: timeoutMs,
}, async () => {
  using copy = projectCopy()
  copy.change('servers/app.ts', 'await strategy.destroy(req, res)', '')
  const { code, stdout } = await copy.bench(['gate', '--strategies', 'redis', '--against', 'HEAD'])
  expect(stdout).toContain('worse than base: redis')
  expect(stdout).toContain('logoutEffectiveShare fell from 100 % to 0 %')
  expect(code).toBe(99)
  expect(readdirSync(join(copy.path, 'results/gates/latest')).sort()).toEqual([
    'bencher.json',
    'benchmark.json',
    'gate.json',
    'gate.md',
    'junit.xml',
  ])
  expectNothingLeft(copy)
})

test('an interrupted gate leaves nothing', { timeout: timeoutMs }, async () => {
  using copy = projectCopy()
  const { code } = await copy.bench(['gate', '--strategies', 'redis', '--against', 'HEAD'], (child) => {
    // The first line says that both sides are checked out.
    child.stderr?.once('data', () => child.kill('SIGINT'))
  })
  expect(code).toBe(130)
  expectNothingLeft(copy)
})
