import { describe, expect, test } from 'vitest'
import { judgeCommand, judgeLeft, judgeRunFolder, type SeenCommand, type SeenRun } from './judge.ts'

const seen = (change: Partial<SeenCommand> = {}): SeenCommand => ({
  line: 'sessionbench run',
  end: 0,
  stdout: 'a table\n',
  stderr: 'saved in results/x\n',
  stoppingMs: null,
  overdueMs: null,
  ...change,
})

describe('a command', () => {
  test('that ends as it may owes nothing more', () => {
    expect(judgeCommand(seen(), { ends: [0] })).toEqual([])
    expect(judgeCommand(seen({ end: 'SIGKILL', stderr: '' }), { ends: ['SIGKILL'] })).toEqual([])
  })

  test.each([
    ['ends otherwise', { end: 1, stderr: 'sessionbench: x broke' }, 'exit code 1, expected 0'],
    ['dies of a signal', { end: 'SIGABRT' }, 'ended by SIGABRT, expected 0'],
    ['has a code of its own', { end: 7, stderr: 'x' }, 'no exit code that is documented'],
    ['fails silently', { end: 2, stderr: '' }, 'without a message'],
    ['hangs', { overdueMs: 90_000 }, 'had not ended after 90.0 s'],
    ['is slow to stop', { stoppingMs: 19_900 }, 'it took 19.9 s to stop'],
    ['prints a trace', { stderr: 'x\n    at f (a.ts:1:1)\n' }, 'a stack trace'],
  ] as const)('that %s is told', (_, change, complaint) => {
    expect(judgeCommand(seen(change), { ends: [0] }).join('\n')).toContain(complaint)
  })

  test('that fails has to name what it failed of; one that does not, has not', () => {
    const owed = { ends: [0, 3], names: /replica-\d/ }
    expect(judgeCommand(seen({ end: 3, stderr: 'a strategy failed' }), owed).join()).toContain(
      'does not speak of',
    )
    expect(judgeCommand(seen({ end: 3, stderr: 'replica-2 ended (SIGKILL)' }), owed)).toEqual([])
    expect(judgeCommand(seen(), owed)).toEqual([])
  })

  test('that is interrupted says so, unless nobody hears', () => {
    const end = { end: 130, stderr: '' }
    expect(judgeCommand(seen(end), { ends: [130] })).toEqual(['interrupted without a message'])
    expect(judgeCommand(seen(end), { ends: [130], unheard: true })).toEqual([])
  })
})

test('what is left is listed', () => {
  expect(judgeLeft({ processes: [], folders: [] })).toEqual([])
  expect(judgeLeft({ processes: ['7 nginx'], folders: ['sessionbench-run-abc'] })).toEqual([
    'processes were left: 7 nginx',
    'folders were left: sessionbench-run-abc',
  ])
})

describe('the folder of a run', () => {
  const run = (change: Partial<SeenRun> = {}): SeenRun => ({
    folder: 'results/x',
    status: 'partial',
    replicas: 3,
    findings: [],
    hasSummary: true,
    problems: [],
    ...change,
  })

  test('is in order when it says how it ended, and is judged', () => {
    expect(judgeRunFolder(run(), false)).toEqual([])
  })

  test('must not say that it goes on, except after a kill', () => {
    const going = run({ status: 'running', hasSummary: false })
    expect(judgeRunFolder(going, false)).toEqual(['results/x: run.json still says running'])
    expect(judgeRunFolder(going, true)).toEqual([])
  })

  test('has a summary, and what cannot be read is told', () => {
    expect(judgeRunFolder(run({ hasSummary: false }), false)).toEqual(['results/x: there is no summary'])
    expect(judgeRunFolder(run({ status: null, problems: ['not JSON'] }), true)).toEqual([
      'results/x: not JSON',
    ])
  })
})
