/** Holds the reading of a registry to this: whatever its code does, it does to a process of its own. */
import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { control, strategies } from '../../servers/strategies/index.ts'
import { UsageError } from '../errors.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { readRegistry } from './registry.ts'

const project = join(import.meta.dirname, '..', '..')

const sound = `
export const control = { name: 'control', summary: 'none', needs: [], routing: 'round-robin' }
export const strategies = [{ name: 'redis', summary: 'in Redis', needs: ['redis'], routing: 'round-robin' }]
`

/** Of a checkout whose registry has this code. */
async function registryOf(code: string) {
  using checkout = temporaryFolder()
  const folder = join(checkout.path, 'servers', 'strategies')
  await mkdir(folder, { recursive: true })
  writeFileSync(join(checkout.path, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'index.ts'), code)
  return await readRegistry('head', checkout.path)
}

test('tells the strategies of the project, and what a gate has to know of each', async () => {
  const about = ({ name, summary, needs, routing }: (typeof strategies)[number]) => ({
    name,
    summary,
    needs,
    routing,
  })
  expect(await readRegistry('head', project)).toEqual({
    strategies: strategies.map(about),
    control: about(control),
  })
})

test.each([
  ['prints', `console.log('{"strategies":[]}')${sound}`],
  ['leaves something running', `setInterval(() => {}, 1000)${sound}`],
  ['changes what everybody uses', `JSON.parse = () => { throw new Error('no') }${sound}`],
])('of code that %s all the same', async (_, code) => {
  expect(await registryOf(code)).toMatchObject({
    strategies: [{ name: 'redis' }],
    control: { name: 'control' },
  })
})

test.each([
  ['ends the process well', 'process.exit(0)', 'loading it ended the process (exit code 0)'],
  ['ends the process', 'process.exit(7)', 'loading it failed (exit code 7)'],
  ['kills the process', "process.kill(process.pid, 'SIGKILL')", 'loading it failed (SIGKILL)'],
  [
    'throws',
    "throw new Error('broken registry')",
    /loading it failed \(exit code 1\); its last words:\n.*broken registry/s,
  ],
  ['is not there', '', /the strategies of head cannot be read/],
  [
    'answers without end',
    `export const strategies = [{ name: 'x'.repeat(3e6) }]`,
    'it writes more than 1048576 bytes',
  ],
  [
    'has a name that leads elsewhere',
    sound.replace("'redis', summary", "'../../x', summary"),
    'at strategies[0].name',
  ],
  [
    'needs what nobody knows',
    sound.replace("needs: ['redis']", "needs: ['mongo']"),
    'at strategies[0].needs[0]',
  ],
])('of code that %s says so', async (_, code, message) => {
  const failed = registryOf(code)
  await expect(failed).rejects.toThrow(UsageError)
  await expect(failed).rejects.toThrow(message)
})

test('keeps what CI holds secret from it', async () => {
  process.env.A_SECRET_OF_CI = 'secret'
  try {
    const { control: told } = await registryOf(sound.replace("'none'", 'String(process.env.A_SECRET_OF_CI)'))
    expect(told.summary).toBe('undefined')
  } finally {
    delete process.env.A_SECRET_OF_CI
  }
})

test('is given up when the signal says so', async () => {
  const signal = AbortSignal.abort()
  await expect(readRegistry('head', project, signal)).rejects.toBe(signal.reason)
})
