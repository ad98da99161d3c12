/** Holds the script that writes nginx's includes in a container to what is rendered for local clusters. */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { control, strategies } from '../../servers/strategies/index.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { project } from './compose-command.ts'
import { renderIncludes } from './nginx.ts'

const script = join(project, 'docker', 'nginx-entry.sh')

/** What the script writes, by path. */
function written(env: Readonly<Record<string, string>>): Record<string, string> {
  using folder = temporaryFolder()
  const conf = join(folder.path, 'conf')
  const own = join(folder.path, 'nginx-entry.sh')
  copyFileSync(script, own) // in the container nginx.conf lies beside it
  copyFileSync(join(project, 'nginx.conf'), join(folder.path, 'nginx.conf'))
  execFileSync('sh', [own, 'true'], {
    env: { PATH: process.env.PATH ?? '', CONF: conf, SUBNET: '198.19.0', ...env },
  })
  expect(readFileSync(join(conf, 'nginx.conf'), 'utf8')).toBe(
    readFileSync(join(project, 'nginx.conf'), 'utf8'),
  )
  return Object.fromEntries(
    ['cluster/listen.conf', 'cluster/upstreams.conf'].map((path) => [
      path,
      readFileSync(join(conf, path), 'utf8'),
    ]),
  )
}

const rendered = (replicas: number, routing: 'round-robin' | 'sticky') =>
  renderIncludes({
    listen: '8080',
    routing,
    upstreams: Array.from({ length: replicas }, (_, index) => ({
      name: `replica-${index + 1}`,
      address: `198.19.0.${index + 11}:3000`,
    })),
  })

test.each([1, 2, 3, 8])('writes the same as the local driver for %i replicas', (replicas) => {
  for (const routing of ['round-robin', 'sticky'] as const) {
    expect(written({ ROUTING: routing, REPLICAS: String(replicas) })).toEqual(rendered(replicas, routing))
  }
})

test.each([...strategies, control])('knows by its name how $name is routed', ({ name, routing }) => {
  expect(written({ STRATEGY: name, REPLICAS: '3' })).toEqual(rendered(3, routing))
})

test.each(['', '0', '9', '10', '1.5', 'x'])('refuses %j replicas and says what was expected', (replicas) => {
  const refused = spawnSync('sh', [script, 'true'], { encoding: 'utf8', env: { REPLICAS: replicas } })
  expect(refused.status).toBe(1)
  expect(refused.stderr).toBe(`nginx: REPLICAS is '${replicas}'; expected a whole number from 1 to 8\n`)
})

test('refuses a routing that there is not', () => {
  const refused = spawnSync('sh', [script, 'true'], {
    encoding: 'utf8',
    env: { REPLICAS: '1', ROUTING: 'hash' },
  })
  expect(refused.status).toBe(1)
  expect(refused.stderr).toBe("nginx: ROUTING is 'hash'; expected sticky or round-robin\n")
})
