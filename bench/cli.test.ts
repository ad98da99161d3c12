/** Holds the command line to naming bad input before anything starts, with exit code 2. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGateFolder } from './gate/gate-folder.ts'
import type { GateRecord } from './gate/gate-record.ts'
import { renderGateMarkdown } from './gate/render-gate.ts'
import { gateWith, mixedGate, strategyWith } from './gate/testing/gate-record.ts'
import { newRunId } from './record/folder.ts'
import { openScene, type Scene } from './testing/command.ts'
import { runRecordWith } from './testing/run-record.ts'
import { hostileTexts } from './text/testing/hostile.ts'

const project = join(import.meta.dirname, '..')

let scene: Scene
beforeAll(() => {
  scene = openScene()
})
afterAll(() => scene[Symbol.dispose]())

async function run(...args: string[]) {
  const command = scene.start(args)
  const code = await command.ended
  return { code, stdout: command.stdout(), stderr: command.stderr() }
}

describe('wrong usage', () => {
  // The wording for each kind of value is held by arguments.test.ts; here that every option gets there.
  test.each([
    [
      ['--strategies', 'redsi'],
      "unknown strategy 'redsi'; expected one of memory, memory-sticky, cookie, redis, redis-aof. Did you mean 'redis'?",
    ],
    [['run', '--experiments', 'login-persistance'], "Did you mean 'login-persistence'?"],
    [
      ['--preset', 'quik'],
      "unknown preset 'quik'; expected one of quick, default, thorough. Did you mean 'quick'?",
    ],
    [['--driver', 'lokal'], "unknown driver 'lokal'"],
    [['--replicas', '0'], "--replicas is '0'; expected a whole number from 1 to 32"],
    [['--replicas', '1.5'], "--replicas is '1.5'"],
    [['--replicas', '1000'], "--replicas is '1000'"],
    [['--out'], 'argument missing'],
    [['--replica', '3'], "unknown option '--replica'"],
    [['rnu'], "unknown command 'rnu'; expected one of run, report"],
    [['run', 'quick'], "unexpected argument 'quick'; did you mean --preset quick?"],
    [['quick'], "unexpected argument 'quick'; did you mean --preset quick?"],
    [['run', 'redis,cookie'], "unexpected argument 'redis,cookie'; did you mean --strategies redis,cookie?"],
    [['run', 'report'], "unexpected argument 'report'; run takes options only"],
    [['cluster'], "required option '--strategy <name>' not specified"],
    [['cluster', '--strategy', 'mongo', '--port', '80'], "unknown strategy 'mongo'"],
    [['report'], "missing required argument 'run'"],
    [['compare', 'results/none'], "missing required argument 'after'"],
    [
      ['compare', 'results/none', 'results/none'],
      "no run found at 'results/none'; expected a folder with a run.json, such as results/latest",
    ],
    [['compare', 'package.json', 'package.json'], "no run found at 'package.json'; expected a folder"],
    [
      ['compare', 'results/none', 'results/none', '--format', 'html'],
      "unknown format 'html'; expected one of text, markdown, json.",
    ],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(...args)
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^\s+at /m) // no stack trace
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })

  test('results that cannot be written are refused before anything starts', async () => {
    const file = join(scene.path, 'a-file')
    writeFileSync(file, '')
    // Below /proc Node's recursive mkdir goes on for ever.
    for (const out of [file, join(file, 'below'), '/sys/sessionbench', '/proc/x', '/proc/x/y']) {
      const { code, stderr } = await run('--out', out)
      expect(stderr).toContain(`results cannot be written to ${out}: `)
      expect(stderr).toContain('--out')
      expect(code).toBe(2)
    }
  })
})

test.each(['cluster', 'clean', 'gate'])('a temporary folder that is missing is named by %s', async (name) => {
  const TMPDIR = join(scene.path, 'gone')
  const args = {
    cluster: ['--strategy', 'memory', '--driver', 'local'],
    clean: [],
    gate: ['--out', join(scene.path, 'for-the-gate')],
  }
  const command = scene.start([name, ...args[name as keyof typeof args]], { TMPDIR })
  expect(await command.ended).toBe(2)
  expect(command.stderr()).toBe(
    `sessionbench: the temporary folder ${TMPDIR} cannot be used: there is no such folder; choose another one with TMPDIR\n`,
  )
})

describe('a run that cannot be reported', () => {
  test.each([
    ['there is none', (_path: string) => {}, 'no run found at'],
    [
      'its record is no JSON',
      (path: string) => writeFileSync(join(path, 'run.json'), '{'),
      'is not valid JSON',
    ],
    [
      'it is of another version',
      (path: string) => writeFileSync(join(path, 'run.json'), JSON.stringify({ schemaVersion: 7 })),
      'run.json (schema version 7) does not fit this version of sessionbench',
    ],
    [
      'a trial leads out of its folder',
      (path: string) => {
        const [trial] = runRecordWith().trials
        const outside = { ...trial!, id: '../../../outside' }
        writeFileSync(join(scene.path, 'outside.json'), '{}')
        writeFileSync(join(path, 'run.json'), JSON.stringify(runRecordWith({ trials: [outside] })))
      },
      'at trials[0].id',
    ],
    [
      'a number in a trial cannot be',
      (path: string) => {
        const trial = { strategy: 'memory', replicas: 3, reading: [], writing: [], logouts: [], asAnother: 0 }
        const [memory] = runRecordWith().trials
        mkdirSync(join(path, 'trials', 'login-persistence'), { recursive: true })
        writeFileSync(join(path, 'run.json'), JSON.stringify(runRecordWith({ trials: [memory!] })))
        writeFileSync(
          join(path, 'trials', 'login-persistence', 'memory-1.json'),
          JSON.stringify([{ ...trial, answers: -12 }]),
        )
      },
      'memory-1.json does not fit this version of sessionbench',
    ],
    [
      'a trial is missing',
      (path: string) => writeFileSync(join(path, 'run.json'), JSON.stringify(runRecordWith())),
      'memory-1.json is missing',
    ],
  ])('%s', async (name, prepare, message) => {
    const path = join(scene.path, name.replaceAll(' ', '-'))
    mkdirSync(path)
    prepare(path)
    const { code, stdout, stderr } = await run('report', path)
    expect(stderr).toContain(message)
    expect(stderr).toContain(path)
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })
})

test('a run folder from somebody else writes nothing into the terminal but text', async () => {
  const path = join(scene.path, 'from-elsewhere')
  mkdirSync(path)
  const words = Object.values(hostileTexts).filter((text) => text.length < 1_000)
  const record = runRecordWith({ status: 'partial', reason: words.join(' '), argv: words, trials: [] })
  writeFileSync(join(path, 'run.json'), JSON.stringify(record))
  const { code, stdout, stderr } = await run('report', path)
  expect(code).toBe(0)
  expect(stdout).toContain('PARTIAL: beforeafter')
  for (const text of [stdout, stderr, readFileSync(join(path, 'summary.md'), 'utf8')]) {
    expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
  }
  // Nor a command into the log of CI.
  expect(stdout).not.toMatch(/^\s*::|##\[/m)
})

test.each([['run.json', { '\u001b[2Jkey': 1 }]])('nor does a message about %s', async (file, content) => {
  const path = join(scene.path, 'broken')
  mkdirSync(path)
  writeFileSync(join(path, file), JSON.stringify({ ...runRecordWith(), ...content }))
  const { code, stderr } = await run('report', path)
  expect(stderr).toContain('Unrecognized key')
  expect(stderr).not.toContain('\u001b')
  expect(code).toBe(2)
})

test('a run whose files cannot be rewritten is printed all the same', async () => {
  const path = join(scene.path, 'not-ours')
  mkdirSync(join(path, 'summary.json'), { recursive: true }) // a folder is in the way: root could write past a mode
  writeFileSync(join(path, 'run.json'), JSON.stringify(runRecordWith({ trials: [] })))
  const { code, stdout, stderr } = await run('report', path)
  expect(stderr).toMatch(/^summary\.json and summary\.md could not be rewritten: .*not-ours.*\n$/)
  expect(stdout).toContain('memory')
  expect(code).toBe(0)
  expect(readdirSync(path).sort()).toEqual(['run.json', 'summary.json'])
})

describe('the verdict of a gate that was saved', () => {
  const save = (change: Partial<GateRecord>) => {
    const folder = createGateFolder(join(scene.path, 'gates-of-tests'), newRunId(new Date()), () => {})
    folder.writeText('gate.json', JSON.stringify(gateWith(change)))
    return folder.path
  }
  const undecided: Partial<GateRecord> = {
    verdict: 'undecided',
    strategies: [strategyWith({ verdict: 'undecided' })],
  }

  test('is printed again, in text or in Markdown, and ends the process as the gate did', async () => {
    const worse = save(mixedGate)
    for (const argument of [worse, join(worse, 'gate.json'), join(worse, '..')]) {
      const { code, stdout, stderr } = await run('verdict', argument)
      expect(stderr).toBe('')
      expect(stdout).toContain('worse than base: redis, cookie')
      expect(code).toBe(99)
    }
    const inMarkdown = await run('verdict', worse, '--format', 'markdown')
    expect(inMarkdown.stdout).toBe(renderGateMarkdown(mixedGate))
    expect((await run('verdict', save({}))).code).toBe(0)
    expect((await run('verdict', save(undecided))).code).toBe(0)
    expect((await run('verdict', save(undecided), '--strict')).code).toBe(99)
  })

  test.each([
    ['that there is not', () => join(scene.path, 'nowhere'), 'no verdict found at'],
    ['that does not follow', () => save({ ...mixedGate, verdict: 'fine' }), 'the verdict does not follow'],
    ['of which a number cannot be', () => save({ maxTimeMs: -1 }), 'at maxTimeMs'],
  ])('%s is none', async (_, prepare, message) => {
    const { code, stdout, stderr } = await run('verdict', prepare())
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe('what can be asked without starting anything', () => {
  test('help, of everything and of each command', async () => {
    const all = await run('--help')
    expect(all.code).toBe(0)
    for (const word of ['run', 'report', 'cluster', 'doctor', 'clean', 'list', 'Examples:', 'Exit codes:']) {
      expect(all.stdout).toContain(word)
    }
    for (const command of ['compare', 'gate', 'verdict', 'baseline update']) {
      expect(all.stdout).toContain(`$ npm run bench -- ${command} `)
    }
    const one = await run('cluster', '--help')
    expect(one.code).toBe(0)
    expect(one.stdout).toContain('--strategy <name>')
  })

  test('the list of everything there is', async () => {
    const { code, stdout } = await run('list')
    expect(code).toBe(0)
    for (const name of ['memory-sticky', 'restart-survival', 'store-crash', 'thorough', 'local']) {
      expect(stdout).toContain(name)
    }
  })

  test('the program that package.json names runs as it is', async () => {
    const { bin } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
    const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`
    const child = spawn(join(project, bin.sessionbench), ['--help'], { env: { ...process.env, PATH: path } })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    expect(await once(child, 'close')).toEqual([0, null])
    expect(text).toContain('Usage: sessionbench')
  })

  test('a reader that has seen enough, such as head, is no error', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.js'), 'list'])
    child.stdout.destroy()
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    const [code] = await once(child, 'close')
    expect(errors).toBe('')
    expect(code).toBe(0)
  })

  // A device on which there is never room, for anybody.
  if (existsSync('/dev/full')) {
    test.each([['list'], ['--help'], ['report']])(
      '%s into a disk that is full says so in a line, with exit code 1',
      async (name) => {
        const path = join(scene.path, 'a-run')
        mkdirSync(path, { recursive: true })
        writeFileSync(join(path, 'run.json'), JSON.stringify(runRecordWith({ trials: [] })))
        const full = openSync('/dev/full', 'w')
        const args = name === 'report' ? [name, path] : [name]
        const child = spawn(process.execPath, [join(import.meta.dirname, 'main.js'), ...args], {
          stdio: ['ignore', full, 'pipe'],
        })
        closeSync(full)
        let errors = ''
        child.stderr!.setEncoding('utf8').on('data', (text: string) => {
          errors += text
        })
        const [code] = await once(child, 'close')
        expect(errors).toMatch(/^sessionbench: the answer could not be written to stdout: ENOSPC[^\n]*\n$/)
        expect(code).toBe(1)
      },
    )

    test('messages that cannot be written change nothing', async () => {
      const full = openSync('/dev/full', 'w')
      const child = spawn(process.execPath, [join(import.meta.dirname, 'main.js'), 'rnu'], {
        stdio: ['ignore', 'ignore', full],
      })
      closeSync(full)
      expect(await once(child, 'close')).toEqual([2, null])
    })
  }

  test('clean has nothing to do', async () => {
    const { code, stderr } = await run('clean')
    expect(stderr).toBe('nothing was left\n')
    expect(code).toBe(0)
  })
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s while the command line is still loading', async (signal) => {
  // Sends it when the first file but main.js and what that loads is asked for.
  const hook = `import { registerHooks } from 'node:module'
    registerHooks({
      load(url, context, next) {
        if (url.endsWith('/cli.ts')) process.kill(process.pid, '${signal}')
        return next(url, context)
      },
    })`
  const command = scene.start(['doctor'], {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}`,
  })
  expect(await command.ended).toBe(130)
  expect(command.stderr()).toBe(`sessionbench: interrupted: ${signal}\n`)
  expect(command.stdout()).toBe('')
})

test('nothing of all this has left anything behind', () => {
  expect(scene.leftFolders()).toEqual([])
  expect(readdirSync(scene.path)).not.toContain('results')
})
