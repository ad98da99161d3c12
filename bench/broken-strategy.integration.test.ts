/** Holds a whole run to measuring the other strategies, whatever one of them does. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectCopy } from './gate/testing/project-copy.ts'
import { readRun, readSummary } from './record/folder.ts'

/** What a replica of a strategy does when it looks up the session for `GET /me`. */
const onPage = (code: string) => `.then((opened) => {
  let asked = 0
  return { ...opened, session(req) {
    const session = opened.session(req)
    if (req.path !== '/me') return session
    asked += 1
    ${code}
    return session
  } }
})`

/** Breaks four strategies of a copy of the project, each in its own way. */
function brokenCopy() {
  const project = projectCopy()
  project.change(
    'servers/strategies/cookie.ts',
    'async regenerate(req) {',
    "async regenerate(req) {\n        throw new Error('no login today')",
  )
  project.change(
    'servers/strategies/memory-sticky.ts',
    'return openMemorySession(config)',
    `return Promise.resolve(openMemorySession(config))${onPage("if (asked === 5) { console.error('<goodbye>'); process.exit(7) }")}`,
  )
  project.change(
    'servers/strategies/redis.ts',
    'return openRedisSession(config)',
    `return openRedisSession(config)${onPage("if (asked % 50 === 0) return { ...session, user: 'somebody else' }")}`,
  )
  project.change(
    'servers/strategies/redis-aof.ts',
    'return openRedisSession(config)',
    `return openRedisSession(config)${onPage('if (asked > 5) return { ...session, user: 7 }')}`,
  )
  return project
}

test('broken strategies are findings, the others are measured, and the exit code tells', async () => {
  using project = brokenCopy()
  const strategies = 'memory,memory-sticky,cookie,redis,redis-aof'
  const args = ['--preset', 'quick', '--replicas', '1', '--users', '4', '--seed', '1', '--driver', 'local']
  const ended = await project.bench(['run', '--strategies', strategies, ...args])
  expect(ended.code, ended.stderr).toBe(3)
  expect(ended.stderr).toContain('complete, but strategies failed in')

  const path = join(project.path, 'results', 'latest')
  const record = readRun(path)
  const { status, findings } = readSummary(path)
  expect([record.status, status]).toEqual(['complete', 'complete'])
  expect(record.trials).toHaveLength(record.plannedTrials)
  const of = (strategy: string, experiment: string) =>
    findings.filter((row) => row.strategy === strategy && row.experiment === experiment)
  const failure = (strategy: string, experiment: string) =>
    of(strategy, experiment).find(({ metric }) => metric === 'trialFailed')

  for (const experiment of ['login-persistence', 'restart-survival', 'throughput']) {
    // What is whole is measured as ever.
    for (const whole of ['memory', 'redis']) {
      expect(failure(whole, experiment), `${whole}, ${experiment}`).toMatchObject({
        value: 0,
        verdict: 'pass',
      })
      expect(of(whole, experiment).length).toBeGreaterThan(2)
    }
    // What is not says so, with the reason, and nothing else.
    for (const [broken, reason] of [
      ['cookie', /^1 of 1 trials: .*login.* got 500/],
      [
        'memory-sticky',
        /^1 of 1 trials: replica-1 ended by itself \(exit code 7\); its last words:\n.*<goodbye>$/s,
      ],
    ] as const) {
      expect(failure(broken, experiment), `${broken}, ${experiment}`).toMatchObject({
        value: 1,
        verdict: 'fail',
        note: expect.stringMatching(reason),
      })
      expect(of(broken, experiment)).toHaveLength(1)
    }
  }

  // Whoever fails on the way has findings from before that, and none of them passes.
  for (const experiment of ['login-persistence', 'restart-survival', 'throughput']) {
    expect(failure('redis-aof', experiment)).toMatchObject({
      verdict: 'fail',
      note: expect.stringMatching(/^1 of 1 trials: expected a body like .*, got 200 \{"user":7,/),
    })
    expect(of('redis-aof', experiment).map(({ verdict }) => verdict)).not.toContain('pass')
  }

  // One answer in fifty that names another user is a finding and no failure.
  const mixedUp = of('redis', 'login-persistence').find(({ metric }) => metric === 'answeredAsAnother')
  expect(mixedUp).toMatchObject({ verdict: 'fail' })
  expect(mixedUp!.value).toBeGreaterThan(0)

  for (const report of [ended.stdout, readFileSync(join(path, 'summary.md'), 'utf8')]) {
    expect(report).toMatch(/Users were answered as somebody else: \d+ times with redis\./)
    expect(report).toMatch(/cookie\W+failed\W+failed\W+failed/)
    expect(report).toContain('cookie failed in login-persistence, 1 of 1 trials: ')
    expect(report).toContain('replica-1 ended by itself (exit code 7)')
  }
  const again = await project.bench(['report', 'results/latest'])
  expect(again.code).toBe(0)
  expect(again.stdout).toBe(ended.stdout)

  const compared = await project.bench(['compare', 'results/latest', 'results/latest'])
  expect(compared.code, compared.stderr).toBe(0)
}, 120_000)
