/** Has the real nginx read the configuration that clusters are started with. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runToEnd } from '../binaries/process-group.ts'
import { foundBinaries } from '../testing/binaries.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { renderIncludes } from './nginx.ts'

const configuration = fileURLToPath(new URL('../../nginx.conf', import.meta.url))

async function check(includes: Record<string, string>) {
  const { nginx } = foundBinaries()
  using folder = temporaryFolder()
  copyFileSync(configuration, join(folder.path, 'nginx.conf'))
  for (const [path, text] of Object.entries(includes)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true })
    writeFileSync(join(folder.path, path), text)
  }
  const args = ['-t', '-e', 'stderr', '-p', `${folder.path}/`, '-c', join(folder.path, 'nginx.conf')]
  return await runToEnd(nginx.path, args, { env: { ...process.env, ...nginx.env } })
}

const upstreams = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    name: `replica-${at + 1}`,
    address: `127.0.0.1:${20_001 + at}`,
  }))

test.each([
  ['round-robin', 1],
  ['round-robin', 32],
  ['sticky', 1],
  ['sticky', 3],
  ['sticky', 32],
] as const)('%s over %d replicas is accepted without a word of warning', async (routing, count) => {
  const { code, output } = await check(
    renderIncludes({ listen: '127.0.0.1:20480', upstreams: upstreams(count), routing }),
  )
  expect(output).not.toMatch(/\[(warn|error|crit|alert|emerg)\]/)
  expect(output).toContain('test is successful')
  expect(code).toBe(0)
})

test('and what is wrong would be noticed', async () => {
  const { code, output } = await check(
    renderIncludes({ listen: 'nowhere at all', upstreams: upstreams(1), routing: 'sticky' }),
  )
  expect(output).toContain('[emerg]')
  expect(output).toContain('nowhere')
  expect(code).not.toBe(0)
})
