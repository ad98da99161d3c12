/** What the compose driver promises beyond the contract of all drivers: security, cleaning up, and clear failures. */
import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { control, strategies } from '../../servers/strategies/index.ts'
import { ownerText, thisOwner } from '../processes/owner.ts'
import { processId } from '../processes/process-table.ts'
import { engineRequired } from '../testing/drivers-under-test.ts'
import { startGroup } from '../testing/processes.ts'
import type { Cluster, Driver } from './cluster.ts'
import { openComposeDriver } from './compose.ts'
import { docker, project } from './compose-command.ts'
import { connectEngine, type Engine } from './compose-engine.ts'
import { ownerLabel, sweepContainers } from './compose-leftovers.ts'
import { probeEngine } from './compose-probe.ts'

const limitMs = 90_000
const state = await probeEngine(AbortSignal.timeout(30_000))

if (state.kind !== 'ready') {
  const { message } = state
  describe.skipIf(!engineRequired)('compose driver', () =>
    test(`not run: ${message}`, () => expect.fail(message)),
  )
} else describe('compose driver', { timeout: limitMs }, () => withEngine(state.socket))

function withEngine(socket: string): void {
  let engine: Engine
  let driver: Driver
  beforeAll(async () => {
    engine = connectEngine(socket)
    driver = await openComposeDriver({ signal: AbortSignal.timeout(300_000) })
  }, 300_000)
  afterAll(async () => {
    await driver?.[Symbol.asyncDispose]()
    await engine?.[Symbol.asyncDispose]()
  })

  const named = (name: string) => strategies.find((one) => one.name === name)!
  const start = (name: string, replicas = 1): Promise<Cluster> =>
    driver.start({ strategy: named(name), replicas }, AbortSignal.timeout(limitMs))
  const run = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim()
  const mine = () =>
    run('ps', '--all', '--quiet', '--filter', `label=${ownerLabel}=${ownerText(thisOwner())}`).split('\n')

  const containerOf = (service: string) => {
    const own = ['--filter', `label=${ownerLabel}=${ownerText(thisOwner())}`]
    return run('ps', '--quiet', ...own, '--filter', `label=com.docker.compose.service=${service}`)
  }

  test('every container is locked down, and only nginx can be reached, from this machine alone', async () => {
    await using cluster = await start('redis', 2)
    const containers = JSON.parse(run('inspect', ...mine())) as Inspected[]
    expect(containers).toHaveLength(4)
    for (const { Config, HostConfig, NetworkSettings } of containers) {
      const service = Config.Labels['com.docker.compose.service'] ?? ''
      expect(Config.User, service).toMatch(/^(node|nginx:nginx|redis:redis)$/)
      expect(HostConfig, service).toMatchObject({
        ReadonlyRootfs: true,
        Privileged: false,
        CapDrop: ['ALL'],
        CapAdd: null,
        SecurityOpt: ['no-new-privileges:true'],
        PidsLimit: 256,
        RestartPolicy: { Name: 'no' },
      })
      expect(HostConfig.Memory, service).toBeGreaterThan(0)
      const published = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? [])
      expect(published, service).toEqual(
        service === 'nginx' ? [{ HostIp: '127.0.0.1', HostPort: cluster.entry.port }] : [],
      )
      expect(
        Object.keys(NetworkSettings.Networks)
          .map((name) => name.replace(/^.*_/, ''))
          .sort(),
        service,
      ).toEqual(service === 'nginx' ? ['entry', 'inside'] : ['inside'])
      // The password would be readable for every user of the machine.
      expect(JSON.stringify([Config.Cmd, Config.Entrypoint]), service).not.toContain(
        /REDIS_PASSWORD=(\w+)/.exec(Config.Env.join('\n'))?.[1] ?? 'no password here',
      )
    }
    const network = (name: string) => {
      const own = ['--filter', `label=${ownerLabel}=${ownerText(thisOwner())}`]
      const id = run('network', 'ls', '--quiet', ...own, '--filter', `name=_${name}`)
      return JSON.parse(run('network', 'inspect', id))[0]
    }
    expect(network('inside')).toMatchObject({ Internal: true })
    // nginx is on both, and there is no way out of the other one either.
    expect(network('entry').Options).toEqual({ 'com.docker.network.bridge.enable_ip_masquerade': 'false' })
  })

  test('the store answers nobody without its password, and whoever has it may not harm it', async () => {
    await using _cluster = await start('redis')
    const redis = containerOf('redis')
    for (const command of ['FLUSHALL', 'SHUTDOWN', 'CONFIG GET maxmemory', 'EVAL return 0', 'MODULE LIST']) {
      const answer = (...options: string[]) =>
        run('exec', ...options, redis, 'redis-cli', ...command.split(' '))
      expect(answer('--env', 'REDISCLI_AUTH='), command).toContain('NOAUTH')
      expect(answer(), command).toContain('NOPERM') // the container's own environment has the password
    }
  })

  test('by hand, a store without a password does not start, and says why', () => {
    const name = `test-of-sessionbench-${process.pid}-by-hand`
    const compose = (...args: string[]) =>
      spawnSync('docker', ['compose', '--project-name', name, ...args], {
        cwd: project,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: process.env.HOME, SUBNET: '198.19.253' },
      })
    try {
      const { status, stderr } = compose('run', '--rm', '--no-deps', '-T', 'redis')
      expect(stderr).toContain('REDIS_PASSWORD is not set; docs/docker.md says how to make one')
      expect(status).toBe(1)
    } finally {
      compose('--profile', '*', 'down', '--volumes')
    }
  })

  test('a container that used too much memory says so', async () => {
    const limit = process.env.REPLICA_MEMORY
    process.env.REPLICA_MEMORY = '16m' // less than Node needs to start
    await using small = await openComposeDriver({ signal: AbortSignal.timeout(limitMs) }).finally(() => {
      if (limit === undefined) delete process.env.REPLICA_MEMORY
      else process.env.REPLICA_MEMORY = limit
    })
    await expect(
      small.start({ strategy: named('memory'), replicas: 1 }, AbortSignal.timeout(limitMs)),
    ).rejects.toThrow(/replica-1 ended \(killed because it used more memory than its limit allows\)/)
  })

  test('a container that ended by itself is noticed when it is next used', async () => {
    await using cluster = await start('cookie')
    const [replica] = cluster.replicas
    const id = containerOf('replica-1')
    run('kill', id)
    run('wait', id)
    await expect
      .poll(() => replica!.cpuMicros().then(() => 'alive', String))
      .toMatch(/replica-1 ended by itself \(SIGKILL\)/)
  })

  test('what a killed run left is removed, what a living one or a person has is not', async () => {
    const dead = await startGroup('echo ready; exec sleep 60')
    await dead.line()
    const owner = ownerText({ ...thisOwner(), ...processId(dead.pid) })
    await dead.kill()
    const make = (name: string, label: string) => {
      const labels = ['--label', label, '--label', `com.docker.compose.project=${name}`]
      run('network', 'create', ...labels, '--subnet', `198.19.${250 + makes++}.0/28`, name)
      run('volume', 'create', ...labels, name)
      run(
        'run',
        '--detach',
        '--name',
        name,
        ...labels,
        '--network',
        name,
        '--volume',
        `${name}:/data`,
        'redis:8-alpine',
      )
    }
    let makes = 0
    const names = ['left-behind', 'by-hand', 'in-use'].map(
      (name) => `test-of-sessionbench-${process.pid}-${name}`,
    ) as [string, string, string]
    const [left, byHand, inUse] = names
    try {
      make(left, `${ownerLabel}=${owner}`)
      make(byHand, `${ownerLabel}=by-hand`)
      make(inUse, `${ownerLabel}=${ownerText(thisOwner())}`)
      const swept = await sweepContainers(engine, AbortSignal.timeout(limitMs))
      expect(swept).toMatchObject({ projects: [left], containers: 1, networks: 1, volumes: 1 })
      for (const [what, ...list] of [
        ['ps', '--all', '--format', '{{.Names}}'],
        ['network', 'ls', '--format', '{{.Name}}'],
        ['volume', 'ls', '--format', '{{.Name}}'],
      ]) {
        const there = run(what!, ...list, '--filter', `name=test-of-sessionbench-${process.pid}`)
          .split('\n')
          .sort()
        expect(there).toEqual([byHand, inUse].sort())
      }
      expect(await sweepContainers(engine, AbortSignal.timeout(limitMs))).toMatchObject({ projects: [] })
    } finally {
      for (const name of names) {
        await docker(['rm', '--force', '--volumes', name])
        await docker(['network', 'rm', name])
        await docker(['volume', 'rm', name])
      }
    }
  })

  test('knows the versions of what it runs', () => {
    expect(Object.keys(driver.versions).sort()).toEqual([
      'docker-compose',
      'docker-engine',
      'nginx',
      'nginx-image',
      'node',
      'redis-image',
      'redis-server',
    ])
    for (const [name, version] of Object.entries(driver.versions)) {
      expect(version, name).toMatch(name.endsWith('-image') ? /^sha256:[0-9a-f]{64}$/ : /^\d+\.\d+/)
    }
    expect(driver.versions.node).toMatch(/^24\./)
  })

  test('more replicas than the file describes are refused', async () => {
    await expect(start('memory', 9)).rejects.toThrow(
      '9 replicas are too many for Docker Compose; expected 1 to 8',
    )
  })

  test.each([...strategies, control])(
    'by hand, `docker compose up` starts what $name needs',
    ({ name, needs }) => {
      const services = (replicas: number) =>
        execFileSync('docker', ['compose', 'config', '--services'], {
          cwd: project,
          encoding: 'utf8',
          env: { PATH: process.env.PATH, HOME: process.env.HOME, STRATEGY: name, REPLICAS: String(replicas) },
        })
          .trim()
          .split('\n')
          .sort()
      const replicas = (count: number) => Array.from({ length: count }, (_, index) => `replica-${index + 1}`)
      expect(services(3)).toEqual([...needs, ...replicas(3), 'nginx'].sort())
      expect(services(1)).toEqual([...needs, 'replica-1', 'nginx'].sort())
      expect(services(8)).toEqual([...needs, ...replicas(8), 'nginx'].sort())
    },
  )
}

interface Inspected {
  readonly Config: {
    readonly User: string
    readonly Labels: Readonly<Record<string, string>>
    readonly Env: readonly string[]
    readonly Cmd: readonly string[] | null
    readonly Entrypoint: readonly string[] | null
  }
  readonly HostConfig: { readonly Memory: number } & Readonly<Record<string, unknown>>
  readonly NetworkSettings: {
    readonly Ports: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[] | null>>
    readonly Networks: Readonly<Record<string, unknown>>
  }
}
