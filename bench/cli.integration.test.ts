/** Holds the command line to its promises in trouble: a clear message, the right exit code, nothing lost, nothing left. */

import { once } from 'node:events'

import { chmodSync, closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readSummary } from './record/folder.ts'
import { runRecord } from './record/run-record.ts'
import { type Command, openScene, type Scene } from './testing/command.ts'
import { until } from './testing/until.ts'

// Several real runs in each: on a machine that is busy with other things they take their time.
vi.setConfig({ testTimeout: 120_000 })

let scene: Scene
beforeEach(() => {
  scene = openScene()
})
afterEach(() => scene[Symbol.dispose]())

/** A program of the scene's own. */
function program(name: string, script: string): string {
  const path = join(scene.path, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const redisVersion = 'Redis server v=7.0.15 sha=00000000:0 malloc=libc bits=64'

/** One experiment on the least that it needs. */
const small = (strategies: string, replicas: number) => [
  ...['run', '--preset', 'quick', '--experiments', 'login-persistence', '--users', '2', '--seed', '1'],
  ...['--strategies', strategies, '--replicas', String(replicas), '--out', scene.out, '--driver', 'local'],
]

/** The only run there is. */
function onlyRun() {
  const ids = readdirSync(scene.out).filter((name) => name !== 'latest')
  expect(ids).toHaveLength(1)
  const path = join(scene.out, ids[0]!)
  return { path, record: runRecord.parse(JSON.parse(readFileSync(join(path, 'run.json'), 'utf8'))) }
}

async function expectNothingLeft(): Promise<void> {
  // A process that got SIGKILL is in the table for a moment longer.
  await until(() => scene.leftProcesses().length === 0)
  expect(scene.leftFolders()).toEqual([])
}

async function report(argument: string): Promise<{ code: unknown; text: string }> {
  const command = scene.start(['report', argument])
  return { code: await command.ended, text: command.stdout() + command.stderr() }
}

describe('a run that goes well', () => {
  test('two of them at the same time do not disturb each other', async () => {
    const runs = [scene.start(small('memory', 1)), scene.start(small('redis', 1))]
    for (const command of runs) expect(await command.ended, command.stderr()).toBe(0)
    await expectNothingLeft()
    const folders = readdirSync(scene.out).filter((name) => name !== 'latest')
    expect(folders).toHaveLength(2)
    for (const id of [...folders, 'latest']) {
      const path = join(scene.out, id)
      expect(readdirSync(path).sort()).toEqual(['run.json', 'summary.json', 'summary.md', 'trials'])
      expect(readSummary(path)).toMatchObject({ status: 'complete' })
    }
    for (const [at, name] of ['memory', 'redis'].entries()) {
      expect(runs[at]!.stdout()).toMatch(new RegExp(`^${name} +100 %`, 'm'))
      expect(runs[at]!.stderr()).toMatch(/saved in .*results/)
      // Neither a terminal nor asked for: no colours, no control characters.
      expect(runs[at]!.stdout() + runs[at]!.stderr()).not.toContain('\u001b')
    }
  })
})

describe('what does not start', () => {
  test('nginx refuses its configuration: its own words, exit code 1, nothing left', async () => {
    const nginx = program(
      'nginx',
      `[ "$1" = -v ] && { echo 'nginx version: nginx/1.22.1' >&2; exit 0; }
echo 'nginx: [emerg] unknown directive "zone" in nginx.conf:1' >&2; exit 1`,
    )
    const command = scene.start(small('memory', 2), { SESSIONBENCH_NGINX: nginx })
    expect(await command.ended).toBe(1)
    expect(command.stderr()).toContain('nginx ended (exit code 1) before it was ready; its last words:')
    expect(command.stderr()).toContain('[emerg] unknown directive "zone"')
    expect(command.stderr()).not.toMatch(/^\s+at /m)
    await expectNothingLeft()
    const { record } = onlyRun()
    expect(record).toMatchObject({ status: 'partial' })
    expect(record.reason).toContain('nginx ended (exit code 1)')
  })

  test('redis-server dies at once: its own words, exit code 1, nothing left', async () => {
    const redis = program(
      'redis-server',
      `[ "$1" = --version ] && { echo '${redisVersion}'; exit 0; }
echo 'Fatal: cannot allocate the arena'; kill -SEGV $$`,
    )
    const command = scene.start(['cluster', '--driver', 'local', '--strategy', 'redis'], {
      SESSIONBENCH_REDIS_SERVER: redis,
    })
    expect(await command.ended).toBe(1)
    expect(command.stderr()).toContain('redis ended (SIGSEGV) before it was ready; its last words:')
    expect(command.stderr()).toContain('Fatal: cannot allocate the arena')
    await expectNothingLeft()
  })

  test('redis-server is too old or is not there: exit code 2, before anything starts', async () => {
    const old = program('redis-server', `echo '${redisVersion.replace('7.0.15', '5.0.7')}'`)
    for (const [path, message] of [
      [old, 'redis-server is too old: found 5.0.7'],
      [join(scene.path, 'gone'), 'SESSIONBENCH_REDIS_SERVER names'],
    ] as const) {
      const command = scene.start(small('redis', 1), { SESSIONBENCH_REDIS_SERVER: path })
      expect(await command.ended).toBe(2)
      expect(command.stderr()).toContain(message)
    }
    await expectNothingLeft()
  })

  test('a busy port is named, exit code 2', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const command = scene.start([
      'cluster',
      '--driver',
      'local',
      '--strategy',
      'memory',
      '--port',
      String(port),
    ])
    expect(await command.ended).toBe(2)
    expect(command.stderr()).toContain(`port ${port} is in use; try another one with --port`)
    await expectNothingLeft()
    server.close()
  })

  // A device on which there is never room, for anybody.
  if (existsSync('/dev/full')) {
    test('a temporary folder without room, so that what dies cannot say why: the folder is named, exit code 1', async () => {
      const nginx = program(
        'nginx',
        `[ "$1" = -v ] && { echo 'nginx version: nginx/1.22.1' >&2; exit 0; }
ln -s /dev/full "\${4%/clusters/*}/room"; exit 1`,
      )
      const command = scene.start(small('memory', 1), { SESSIONBENCH_NGINX: nginx })
      expect(await command.ended).toBe(1)
      expect(command.stderr()).toMatch(/no space left on the device for .*; make room, or .* with TMPDIR/)
      expect(command.stderr()).not.toContain('it wrote nothing')
      await expectNothingLeft()
    })
  }

  test('a disk that fills up in the middle: the finished trials are kept, exit code 1', async () => {
    // Four trials run side by side, so that one has been saved by the time the fifth starts.
    const command = scene.start(small('memory,cookie,redis,redis-aof,memory-sticky', 1), {
      NODE_OPTIONS: `--import=${new URL('./testing/full-disk.ts', import.meta.url)}`,
      FULL_DISK_FOR: 'memory-sticky.json',
    })
    expect(await command.ended).toBe(1)
    expect(command.stderr()).toContain('no space left on the device')
    expect(command.stderr()).toContain('make room, or choose another folder with --out')
    await expectNothingLeft()
    const { path, record } = onlyRun()
    expect(record.status).toBe('partial')
    const done = record.trials.filter(({ status }) => status === 'done').map(({ id }) => `${id}.json`)
    expect(done.length).toBeGreaterThan(0)
    expect(done).not.toContain('memory-sticky.json')
    expect(readdirSync(join(path, 'trials', 'login-persistence')).sort()).toEqual(done.sort())
    expect((await report(path)).text).toContain('PARTIAL')
  })
})

// A device on which there is never room, for anybody.
test.runIf(existsSync('/dev/full'))(
  'an answer that cannot be written: it is saved all the same, exit code 1',
  async () => {
    const full = openSync('/dev/full', 'w')
    const command = scene.start(small('memory', 1), {}, full)
    closeSync(full)
    expect(await command.ended).toBe(1)
    expect(command.stderr()).toMatch(
      /^saved in .*\nsessionbench: the answer could not be written to stdout: ENOSPC.*\n$/m,
    )
    await expectNothingLeft()
    const { path, record } = onlyRun()
    expect(record.status).toBe('complete')
    expect((await report(path)).text).toMatch(/^memory +100 %/m)
  },
)

test('a replica that is killed while nobody looks fails its trial by name: exit code 3', async () => {
  const command = scene.start([...small('memory', 2), '--users', '300'])
  await scene.serving('replica-1')
  process.kill(await scene.serving('replica-2'), 'SIGKILL')
  expect(await command.ended).toBe(3)
  await expectNothingLeft()
  const [trial] = onlyRun().record.trials
  expect(trial).toMatchObject({ status: 'failed', failures: [{ strategy: 'memory' }] })
  expect(trial!.failures[0]!.reason).toMatch(/^replica-2 ended .*SIGKILL/)
})

describe('interrupted', () => {
  test('while a replica is frozen: nobody waits for it, and what there is is saved', async () => {
    const command = scene.start([...small('memory', 2), '--users', '300'])
    await scene.serving('replica-1')
    process.kill(await scene.serving('replica-2'), 'SIGSTOP')
    command.kill('SIGINT')
    expect(await command.ended).toBe(130)
    await expectNothingLeft()
    const { path, record } = onlyRun()
    expect(record).toMatchObject({ status: 'partial', reason: 'interrupted' })
    expect(readSummary(path).status).toBe('partial')
  })

  test('during a start: exit code 130, nothing left', async () => {
    const redis = program('redis-server', `[ "$1" = --version ] && echo '${redisVersion}' || exec sleep 600`)
    const command = scene.start(small('redis', 1), { SESSIONBENCH_REDIS_SERVER: redis })
    await until(() => scene.leftProcesses().length > 0)
    command.kill('SIGINT')
    expect(await command.ended).toBe(130)
    expect(command.stderr()).toContain('SIGINT: stopping everything')
    await expectNothingLeft()
    expect(onlyRun().record).toMatchObject({ status: 'partial', reason: 'interrupted' })
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'between trials by %s: exit code 130, what was finished is saved and can be reported',
    async (signal) => {
      const command = scene.start(small('memory,cookie,memory-sticky,redis,redis-aof', 1))
      await command.writes('1/5 login-persistence')
      command.kill(signal)
      expect(await command.ended).toBe(130)
      expect(command.stderr()).toContain('interrupted: what was finished is saved, the run is partial')
      await expectNothingLeft()
      const { path, record } = onlyRun()
      expect(record).toMatchObject({ status: 'partial', reason: 'interrupted', plannedTrials: 5 })
      const done = record.trials.filter(({ status }) => status === 'done')
      expect(done.length).toBeGreaterThan(0)
      expect(done.length).toBeLessThan(5)
      expect(command.stdout()).toContain(`PARTIAL: interrupted; ${done.length} of 5 trials are here`)
      expect(readFileSync(join(path, 'summary.md'), 'utf8')).toContain('PARTIAL: interrupted')
      const again = await report(scene.out)
      expect(again.code).toBe(0)
      expect(again.text).toBe(command.stdout())
    },
  )

  test('twice: everything is killed at once, also what does not want to stop', async () => {
    const redis = program(
      'redis-server',
      `[ "$1" = --version ] && { echo '${redisVersion}'; exit 0; }
trap '' TERM INT; echo deaf; while :; do sleep 600; done`,
    )
    const command = scene.start(small('redis', 1), { SESSIONBENCH_REDIS_SERVER: redis })
    await until(() => scene.leftProcesses().length > 1) // the shell and its sleep: the trap is set
    command.kill('SIGINT')
    await command.writes('once more to kill it at once')
    command.kill('SIGINT')
    expect(await command.ended).toBe(130)
    expect(command.stderr()).not.toContain('saved in') // not the orderly way out
    await expectNothingLeft()
    // The run's folder says that nobody finished it.
    expect(onlyRun().record.status).toBe('running')
    const { code, text } = await report(onlyRun().path)
    expect(code).toBe(0)
    expect(text).toContain('PARTIAL: the run was killed; 0 of 1 trials are here')
  })
})

describe('run by npm', () => {
  test.each([
    ['SIGTERM', 'SIGTERM: stopping everything'], // as `timeout` and many systems of CI do
    ['SIGKILL', 'npm, which ran this, is gone: stopping everything'],
  ] as const)('%s to npm alone stops everything', async (signal, message) => {
    const redis = program('redis-server', `[ "$1" = --version ] && echo '${redisVersion}' || exec sleep 600`)
    const command = scene.startNpm(['cluster', '--', '--driver', 'local', '--strategy', 'redis'], {
      SESSIONBENCH_REDIS_SERVER: redis,
    })
    await until(() => scene.leftProcesses().length > 0)
    command.kill(signal)
    await command.ended // and whoever else had its output
    expect(command.stderr()).toContain(message)
    await expectNothingLeft()
  })
})

describe('a cluster in the foreground', () => {
  const started = async (command: Command) => {
    await command.writes('Ctrl-C stops it.')
    const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(command.stdout()) ?? []
    return origin!
  }

  test('answers at the address it prints, and stops on Ctrl-C with exit code 0', async () => {
    const command = scene.start([
      'cluster',
      '--driver',
      'local',
      '--strategy',
      'memory-sticky',
      '--replicas',
      '2',
    ])
    const origin = await started(command)
    const login = await fetch(`${origin}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"user":"alice"}',
    })
    expect(login.status).toBe(200)
    const cookie = login.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
    expect(await (await fetch(`${origin}/me`, { headers: { cookie } })).json()).toMatchObject({
      user: 'alice',
    })
    command.kill('SIGINT')
    expect(await command.ended).toBe(0)
    await expectNothingLeft()
  })

  test('says which member has died, and goes on with the others', async () => {
    const command = scene.start(['cluster', '--driver', 'local', '--strategy', 'memory', '--replicas', '2'])
    const origin = await started(command)
    process.kill(await scene.serving('replica-2'), 'SIGKILL')
    await command.writes('replica-2 ended by itself (SIGKILL)')
    expect(await (await fetch(`${origin}/healthz`)).json()).toEqual({ ready: true, replica: 'replica-1' })
    command.kill('SIGINT')
    expect(await command.ended).toBe(0)
    await expectNothingLeft()
  })

  test('what a killed one leaves is removed by clean, and by the next start, and no living one is touched', async () => {
    const living = scene.start(['cluster', '--driver', 'local', '--strategy', 'memory', '--replicas', '1'])
    const origin = await started(living)
    const [folder] = scene.leftFolders()
    const itsProcesses = scene.leftProcesses()

    const kill = async () => {
      const killed = scene.start(['cluster', '--driver', 'local', '--strategy', 'redis', '--replicas', '1'])
      await started(killed)
      killed.kill('SIGKILL')
      expect(await killed.ended).toBe('SIGKILL')
      // redis-server, a replica, nginx and its worker.
      expect(scene.leftProcesses()).toHaveLength(itsProcesses.length + 4)
      expect(scene.leftFolders()).toHaveLength(2)
    }
    const expectOnlyTheLivingOne = async () => {
      await until(() => scene.leftProcesses().length === itsProcesses.length)
      expect(scene.leftProcesses().sort()).toEqual(itsProcesses.sort())
      expect(scene.leftFolders()).toEqual([folder])
      expect((await fetch(`${origin}/healthz`)).status).toBe(200)
    }
    const removed = 'removed what a killed run had left: 1 temporary folders, 3 running processes'

    await kill()
    const clean = scene.start(['clean'])
    expect(await clean.ended).toBe(0)
    expect(clean.stderr()).toContain(removed)
    await expectOnlyTheLivingOne()

    await kill()
    // The sweep comes before anything else is looked at: here, before the port turns out to be taken.
    const next = scene.start([
      'cluster',
      '--driver',
      'local',
      '--strategy',
      'memory',
      '--port',
      new URL(origin).port,
    ])
    expect(await next.ended).toBe(2)
    expect(next.stderr()).toContain(removed)
    await expectOnlyTheLivingOne()

    living.kill('SIGTERM')
    expect(await living.ended).toBe(0)
    await expectNothingLeft()
  })
})
