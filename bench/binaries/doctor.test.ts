import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inspect } from './doctor.ts'
import { fakeProgram, says, temporaryFolder } from './fixtures.ts'
import { renderDoctor } from './render-doctor.ts'
import { writeDate } from './renewal.ts'

const distribution = { label: 'Debian', key: 'debian-12-amd64', architecture: 'amd64', fetchable: true }

test('tells what is there, what could be fetched, and fetches nothing', async () => {
  await using folder = await temporaryFolder()
  const dirs = join(folder.path, 'bin')
  const nginx = await fakeProgram(join(dirs, 'nginx'), says.nginx('1.24.0'))
  const checks = await inspect({
    env: { PATH: dirs, XDG_CACHE_HOME: folder.path },
    resultsDir: join(folder.path, 'not', 'there', 'yet'),
    searchDirs: [dirs],
    distribution,
  })
  const by = Object.fromEntries(checks.map((check) => [check.name, check]))
  expect(by.nginx).toMatchObject({ status: 'ok', version: '1.24.0', where: nginx })
  expect(by['redis-server']).toMatchObject({
    status: 'ok',
    advice: `The first run would fetch it from Debian's packages into ${folder.path}/sessionbench`,
  })
  expect(by.git).toMatchObject({ status: 'warning', where: 'not installed' })
  expect(by['disk, results']?.version).toMatch(/[MG]B$/)
  expect(await readdir(folder.path)).toEqual(['bin'])
})

test.each([
  ['27.5.1', 'warning', /other machines on the same network segment .* 127\.0\.0\.1/],
  ['20.10.24+dfsg1', 'warning', /Docker Engine 20\.10\.24,/],
  ['28.0.0', 'ok', /^$/],
  ['29.1.3', 'ok', /^$/],
])('Docker Engine %s: %s', async (version, status, advice) => {
  await using folder = await temporaryFolder()
  await fakeProgram(join(folder.path, 'docker'), version)
  const checks = await inspect({
    env: { PATH: folder.path },
    resultsDir: '.',
    searchDirs: [],
    distribution: null,
  })
  const engine = checks.find(({ name }) => name === 'docker engine')
  expect(engine).toMatchObject({ status, advice: expect.stringMatching(advice) })
})

test.each([
  [3, true, ', fetched 3 days ago', ''],
  [31, true, ', fetched 31 days ago', 'The next run fetches it anew.'],
  [
    31,
    false,
    ', fetched 31 days ago',
    'Older than 30 days, and cannot be renewed without apt-get, dpkg and dpkg-deb.',
  ],
])('a program fetched %i days ago (packages can be fetched: %s)', async (days, fetchable, where, advice) => {
  await using folder = await temporaryFolder()
  const tree = join(folder.path, 'sessionbench', distribution.key, 'nginx')
  const path = await fakeProgram(join(tree, 'usr/sbin/nginx'), says.nginx('1.22.1'))
  await writeDate(tree, 'fetched', new Date(Date.now() - days * 24 * 3_600_000 - 1_000))
  const checks = await inspect({
    env: { PATH: folder.path, XDG_CACHE_HOME: folder.path },
    resultsDir: '.',
    searchDirs: [],
    distribution: { ...distribution, fetchable },
  })
  const nginx = checks.find(({ name }) => name === 'nginx')
  expect(nginx).toMatchObject({ status: 'ok', where: path + where, advice })
})

test('an override that is broken is something missing', async () => {
  const env = { ...process.env, SESSIONBENCH_NGINX: '/nowhere/nginx' }
  const checks = await inspect({ env, resultsDir: '.', searchDirs: [], distribution: null })
  const nginx = checks.find((check) => check.name === 'nginx')
  expect(nginx).toMatchObject({ status: 'missing', advice: expect.stringContaining('SESSIONBENCH_NGINX') })
})

test('renders aligned within 80 columns, commands unbroken', () => {
  const text = renderDoctor([
    { name: 'Node', status: 'ok', version: '24.21.0', where: '/opt/node', advice: '' },
    {
      name: 'redis-server',
      status: 'missing',
      version: '',
      where: 'not found',
      advice: `Install it, for nothing can be measured without the store that sessions are kept in:\n  sudo apt-get install redis-server`,
    },
    { name: 'git', status: 'warning', version: '', where: 'not installed', advice: '' },
  ])
  expect(text).toBe(`\
ok       Node          24.21.0  /opt/node
missing  redis-server           not found
         Install it, for nothing can be measured without the store that sessions
         are kept in:
           sudo apt-get install redis-server
warning  git                    not installed

Clusters cannot run yet: 1 thing missing. 1 warning above.
`)
})
