/**
 * Holds the reports of a saved run to their golden files, and to the width of a terminal.
 * After a change of wording: `npx vitest run bench/report -u`, and read the difference.
 */
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Finding } from '../record/finding.ts'
import { readRun, readSummary } from '../record/folder.ts'
import { runRecordWith } from '../testing/run-record.ts'
import { conclusions } from './conclusions.ts'
import { detailTables } from './details.ts'
import { formatShare, formatValue } from './format.ts'
import { renderMarkdown } from './markdown.ts'
import { overview } from './overview.ts'
import { renderTerminal } from './terminal.ts'

const saved = join(import.meta.dirname, 'fixtures', 'run')
const run = readRun(saved)
const summary = readSummary(saved)
const plain = { columns: 80, colours: false }

const widest = (text: string) =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => line.length),
  )

describe('a complete run', () => {
  test('on a terminal of 80 columns', async () => {
    const text = renderTerminal(run, summary, plain)
    expect(text).not.toContain('\u001b')
    expect(widest(text)).toBeLessThanOrEqual(80)
    await expect(text).toMatchFileSnapshot('fixtures/terminal-80.txt')
  })

  test('on a wide terminal', async () => {
    const text = renderTerminal(run, summary, { columns: 160, colours: false })
    expect(widest(text)).toBeLessThanOrEqual(160)
    await expect(text).toMatchFileSnapshot('fixtures/terminal-160.txt')
  })

  test('in colours, which change nothing but the colours', () => {
    const text = renderTerminal(run, summary, { columns: 80, colours: true })
    expect(text).toContain('\u001b[32m100 %')
    expect(text).toContain('\u001b[31m33 %')
    expect(stripVTControlCharacters(text)).toBe(renderTerminal(run, summary, plain))
  })

  test('as Markdown', async () => {
    const text = renderMarkdown(run, summary)
    expect(text).toMatch(/^# sessionbench 2026-01-02-030405-abcd\n\n\| strategy/)
    await expect(text).toMatchFileSnapshot('fixtures/summary.md')
  })
})

test('a partial run says so, why, and how much of it is there', () => {
  const partial = {
    ...run,
    status: 'partial' as const,
    reason: 'interrupted',
    trials: run.trials.slice(0, 4),
  }
  const findings = summary.findings.filter(({ experiment }) => experiment === 'login-persistence')
  for (const render of [
    renderTerminal(partial, { ...summary, findings }, plain),
    renderMarkdown(partial, { ...summary, findings }),
  ]) {
    expect(render).toContain(`PARTIAL: interrupted; 4 of ${run.plannedTrials} trials are here`)
    expect(render).not.toContain('throughput')
  }
  const killed = renderTerminal(
    { ...partial, status: 'running', reason: '' },
    { ...summary, findings: [] },
    plain,
  )
  expect(killed).toContain('PARTIAL: the run was killed;')
})

test('a run without a single finding has its table, with nothing asked', () => {
  const text = renderTerminal(runRecordWith(), { ...summary, findings: [] }, plain)
  expect(text).toMatch(/^memory( +–){8}$/m)
  expect(widest(text)).toBeLessThanOrEqual(80)
})

test('figures of any size stay within 80 columns', () => {
  const findings = summary.findings.map((row) => ({
    ...row,
    value: row.value === null || row.unit === 'share' ? row.value : row.value * 1_000,
  }))
  const names = run.strategies.map((strategy) => ({ ...strategy, name: `${strategy.name}` }))
  expect(
    widest(renderTerminal({ ...run, strategies: names }, { ...summary, findings }, plain)),
  ).toBeLessThanOrEqual(80)
})

function finding(
  strategy: string,
  experiment: string,
  about: string,
  metric: string,
  change: Partial<Finding>,
): Finding {
  return {
    strategy,
    experiment,
    case: about,
    metric,
    value: 1,
    unit: 'share',
    low: null,
    high: null,
    verdict: 'pass',
    note: '',
    ...change,
  }
}
const recognised = (strategy: string, value: number | null) =>
  finding(strategy, 'login-persistence', '3', 'recognisedShare', {
    value,
    verdict: value === null ? 'unknown' : value === 1 ? 'pass' : 'fail',
  })
const survived = (strategy: string, fault: string, value: number | null) =>
  finding(strategy, 'restart-survival', fault, 'survivedShare', {
    value,
    verdict: value === null ? 'unknown' : value === 1 ? 'pass' : 'fail',
  })
const ratio = (strategy: string, value: number | null) =>
  finding(strategy, 'throughput', 'me-saturated', 'ratioToControl', { value, unit: 'ratio' })

describe('conclusions', () => {
  const about = (findings: readonly Finding[], replicas = 3) => {
    const names = [...new Set(findings.map(({ strategy }) => strategy))]
    return conclusions(
      { replicas, strategies: names.map((name) => ({ name, summary: '', needs: [] })) },
      findings,
    )
  }

  test('of nothing there are none', () => {
    expect(about([])).toEqual([])
  })

  test('of one experiment alone', () => {
    expect(about([recognised('a', 1), recognised('b', 1 / 3)])).toEqual([
      'A recognised its users on every page across 3 replicas, b on 33 % of the pages.',
    ])
    expect(about([survived('a', 'crash', 1), survived('b', 'crash', 0)])).toEqual([
      'A lost no login in any fault that was tried; b lost every login in crash.',
    ])
    expect(about([ratio('a', 0.5), ratio('b', 0.75)])).toEqual([
      'At saturation, as a share of the requests/s of the same app without sessions: a 0.50, b 0.75.',
    ])
  })

  test('when nobody keeps anything', () => {
    expect(about([recognised('a', 0.5), recognised('b', 0.25), ratio('a', 0.9), ratio('b', 0.8)])).toEqual([
      'No strategy recognised its users on every page across 3 replicas, a on 50 % of the pages, b on 25 % of the pages.',
      'None of them recognised its users on every page, whatever it costs.',
    ])
  })

  test('costs are told only of those that recognised their users on every page', () => {
    const [, costs] = about([recognised('a', 1), recognised('b', 0.3), ratio('a', 0.5), ratio('b', 0.9)])
    expect(costs).toBe(
      'Of those that recognised their users on every page, at saturation, as a share of the requests/s of the same app without sessions: a 0.50.',
    )
  })

  describe('the order of costs', () => {
    const beside = (first: string, second: string, low: number, high: number) =>
      finding(first, 'throughput', 'me-saturated', `requestsPerSecondBeside.${second}`, {
        value: Math.sqrt(low * high),
        low,
        high,
        unit: 'ratio',
      })
    const said = (...pairs: readonly Finding[]) =>
      about([ratio('a', 0.5), ratio('b', 0.4), ratio('c', 0.3), ...pairs])[0]!
    test('names what can be told apart, and what cannot', () => {
      expect(
        said(beside('a', 'b', 0.9, 1.4), beside('a', 'c', 1.2, 1.8), beside('b', 'c', 0.9, 1.5)),
      ).toMatch(
        /: a 0.50, b 0.40, c 0.30. A served more requests\/s than c; a and b cannot be told apart; b and c cannot be told apart.$/,
      )
    })
    test('is not that of the point estimates', () => {
      expect(
        said(beside('a', 'b', 0.9, 1.4), beside('a', 'c', 0.9, 1.8), beside('b', 'c', 0.9, 1.5)),
      ).toMatch(/: a 0.50, b 0.40, c 0.30. A, b and c cannot be told apart.$/)
    })
  })

  test('costs of cold code are not told, nor those of a run that was too noisy', () => {
    const cold = {
      ...ratio('a', 0.5),
      verdict: 'unknown' as const,
      note: 'cold: too short a warm-up to tell',
    }
    expect(about([cold])).toEqual([
      'Costs were taken on cold code, so nothing can be said of them: the default preset warms up first.',
    ])
    const noisy = { ...cold, note: 'too noisy to compare: so it was; and more' }
    expect(about([noisy])).toEqual([
      'The costs of this run cannot be compared: too noisy to compare: so it was.',
    ])
  })

  test('what is unknown is not claimed to be kept, nor lost', () => {
    expect(about([recognised('a', null)])).toEqual([])
    const [survival] = about([
      survived('a', 'crash', null),
      survived('a', 'restart-all', 1),
      survived('b', 'crash', 1),
    ])
    expect(survival).toBe('B lost no login in any fault that was tried.')
    // Recognised wherever it was answered, but not everything was: no claim of every login.
    const doubtful = { ...recognised('a', 1), verdict: 'unknown' as const }
    expect(about([doubtful]).join()).not.toContain('A lost no login')
  })

  test('one replica is not several', () => {
    const one = { ...recognised('a', 1), case: '1' }
    expect(about([one], 1)).toEqual(['A recognised its users on every page on one replica.'])
  })

  test('what was lost is told fault by fault, once for all who lost the same', () => {
    const rows = [
      survived('a', 'crash', 0.5),
      survived('a', 'restart-all', 1),
      survived('a', 'rolling-restart', 0),
    ]
    const alike = rows.map((row) => ({ ...row, strategy: 'b' }))
    expect(about([...rows, survived('c', 'crash', 0), ...alike])).toEqual([
      'No strategy got through every fault without losing a login; a and b lost 50 % of the logins in crash, every login in rolling-restart; c lost every login in crash.',
    ])
  })

  const around = (strategy: string, lost: number | null) =>
    finding(strategy, 'restart-survival', 'crash', 'acknowledgedLoginsLost', {
      value: lost,
      unit: 'count',
      verdict: lost === null ? 'unknown' : lost === 0 ? 'pass' : 'fail',
    })

  test('to keep every login is to keep those that were acknowledged around the fault as well', () => {
    const rows = ['a', 'b', 'c'].map((name) => survived(name, 'crash', 1))
    expect(about([...rows, around('a', 0), around('b', 2), around('c', null)])).toEqual([
      'A lost no login in any fault that was tried; b lost logins that were acknowledged around the fault in crash.',
    ])
  })

  test('where there was nothing to lose it is said', () => {
    const none = { ...survived('a', 'crash', 0), metric: 'loginsBefore' }
    expect(about([survived('a', 'crash', null), none, survived('b', 'crash', 1)])).toEqual([
      'B lost no login in any fault that was tried; with a there was nothing to lose in crash.',
    ])
  })
})

const failed = (strategy: string, experiment: string, note = '1 of 1 trials: no login') =>
  finding(strategy, experiment, 'trials', 'trialFailed', { unit: 'count', verdict: 'fail', note })

describe('what could not be measured', () => {
  const strategies = ['a', 'b', 'c'].map((name) => ({
    name,
    summary: '',
    needs: name === 'b' ? [] : ['redis'],
  }))
  const told = (...findings: readonly Finding[]) => conclusions({ replicas: 3, strategies }, findings)

  test('is failed in every cell that would say something, and asked where it was', () => {
    const { rows } = overview({ replicas: 3, strategies }, [
      recognised('a', 1),
      failed('a', 'restart-survival'),
      failed('b', 'restart-survival'),
      failed('c', 'throughput'),
    ])
    expect(rows.map(({ cells }) => cells.map(({ text }) => text))).toEqual([
      ['100 %', ...Array(4).fill('failed'), '–', '–', '–'],
      // There is no store that it could have lost.
      ['–', 'failed', 'failed', '–', '–', '–', '–', '–'],
      [...Array(5).fill('–'), 'failed', 'failed', 'failed'],
    ])
  })

  test('stands below the table with its reason, in one line whatever was quoted', () => {
    const reason = `1 of 1 trials: replica-1 ended; its last words:\n  \u001b[31m<b>\u0007 & ${'x'.repeat(900)}`
    const findings = [failed('a', 'throughput', reason)]
    const terminal = renderTerminal(
      { ...run, strategies },
      { ...summary, findings },
      { columns: 80, colours: false },
    )
    expect(terminal).toContain(
      'a failed in throughput, 1 of 1 trials: replica-1 ended; its last words: <b>� &',
    )
    for (const control of ['\u001b', '\u0007']) expect(terminal).not.toContain(control)
    const markdown = renderMarkdown({ ...run, strategies }, { ...summary, findings })
    expect(markdown).toMatch(/^- a failed in throughput, .*last words: &lt;b&gt;� &amp; x+…$/m)
  })

  test('is concluded nothing about, and said to be missing', () => {
    expect(
      told(
        recognised('a', 1),
        failed('b', 'login-persistence'),
        recognised('b', 1),
        ratio('b', 0.5),
        failed('c', 'login-persistence'),
      ),
    ).toEqual([
      'Nothing can be said of what could not be measured: b and c in login-persistence.',
      'A recognised its users on every page across 3 replicas.',
      'None of them recognised its users on every page, whatever it costs.',
    ])
    expect(told(survived('a', 'crash', 0), failed('b', 'restart-survival'))).toEqual([
      'Nothing can be said of what could not be measured: b in restart-survival.',
      'None of those that were measured got through every fault without losing a login; a lost every login in crash.',
    ])
  })

  test('is no detail: it has its place below the first table', () => {
    expect(detailTables([failed('a', 'throughput')])).toEqual([])
  })
})

test('being answered as somebody else is said before anything else', () => {
  const mixedUp = (strategy: string, experiment: string, value: number) =>
    finding(strategy, experiment, '3', 'answeredAsAnother', {
      value,
      unit: 'count',
      verdict: value > 0 ? 'fail' : 'pass',
    })
  const strategies = ['a', 'b'].map((name) => ({ name, summary: '', needs: [] }))
  const findings = [
    recognised('a', 1),
    mixedUp('a', 'login-persistence', 0),
    mixedUp('b', 'login-persistence', 2),
    mixedUp('b', 'restart-survival', 1),
  ]
  expect(conclusions({ replicas: 3, strategies }, findings)[0]).toBe(
    'Users were answered as somebody else: 3 times with b.',
  )
})

describe('the overview', () => {
  const cell = (findings: readonly Finding[], column: number) =>
    overview({ replicas: 3, strategies: [{ name: 'a', summary: '', needs: [] }] }, findings).rows[0]!.cells[
      column
    ]

  test('tells good from bad, and neither from what was not asked or not measurable', () => {
    expect(cell([recognised('a', 1)], 0)).toEqual({ text: '100 %', tone: 'good' })
    expect(cell([recognised('a', 0.999)], 0)).toEqual({ text: '>99 %', tone: 'bad' })
    expect(cell([recognised('a', null)], 0)).toEqual({ text: '?', tone: 'plain' })
    expect(cell([], 0)).toEqual({ text: '–', tone: 'plain' })
  })

  test('what could not survive because it was not there is told from what was not measurable', () => {
    const none = { ...survived('a', 'crash', 0), metric: 'loginsBefore' }
    expect(cell([survived('a', 'crash', null)], 2)).toEqual({ text: '?', tone: 'plain' })
    expect(cell([survived('a', 'crash', null), none], 2)).toEqual({ text: 'none', tone: 'plain' })
  })

  test('a share in doubt is neither good nor bad, and marked', () => {
    expect(cell([{ ...recognised('a', 1), verdict: 'unknown' }], 0)).toEqual({
      text: '100 %?',
      tone: 'plain',
    })
  })
})

describe('details', () => {
  test('a table for each case, a column for each strategy, a gap where there is no finding', () => {
    const tables = detailTables([recognised('a', 1), recognised('b', 0.5), ratio('b', 0.5)])
    expect(tables).toEqual([
      {
        title: 'login-persistence: 3',
        strategies: ['a', 'b'],
        rows: [{ metric: 'recognisedShare', cells: ['100 %', '50 %'] }],
        notes: [],
      },
      {
        title: 'throughput: me-saturated',
        strategies: ['b'],
        rows: [{ metric: 'ratioToControl', cells: ['0.50'] }],
        notes: [],
      },
    ])
  })

  test('doubts are marked and explained once; intervals are half their width', () => {
    const doubt = { verdict: 'unknown' as const, note: 'the generator was late' }
    const wide = { ...ratio('a', 0.5), low: 0.4, high: 0.6 }
    const [table] = detailTables([wide, { ...ratio('b', 0.5), ...doubt }, { ...ratio('c', null), ...doubt }])
    expect(table?.rows[0]?.cells).toEqual(['0.50 ±20 %', '0.50?', '?'])
    expect(table?.notes).toEqual([{ verdict: 'unknown', text: 'b, c: the generator was late' }])
  })

  test('what failed says how much of what, metric by metric', () => {
    const failed = (strategy: string, note: string) => ({ ...survived(strategy, 'crash', 0.5), note })
    const active = { ...failed('a', '1 of 2 logins'), metric: 'survivedActiveShare' }
    const findings = [failed('a', '1 of 2 logins'), failed('b', '1 of 2 logins'), active, failed('c', '')]
    expect(detailTables(findings)[0]?.notes).toEqual([
      { verdict: 'fail', text: 'a, b: survivedShare: 1 of 2 logins' },
      { verdict: 'fail', text: 'a: survivedActiveShare: 1 of 2 logins' },
    ])
    const markdown = renderMarkdown(runRecordWith(), { ...summary, findings })
    expect(markdown).toContain('- a, b: survivedShare: 1 of 2 logins\n')
    expect(renderTerminal(runRecordWith(), { ...summary, findings }, plain)).toContain(
      '! a, b: survivedShare: 1 of 2 logins\n',
    )
  })
})

test.each([
  [0, 'share', '0 %'],
  [0.001, 'share', '<1 %'],
  [0.9999, 'share', '>99 %'],
  [1 / 3, 'share', '33 %'],
  [1234, 'count', '1,234'],
  [1.5, 'count', '1.5'],
  [3.456, 'ms', '3.46 ms'],
  [34.56, 'ms', '34.6 ms'],
  [1502.4, 'ms', '1,502 ms'],
  [11756.2, '1/s', '11,756 /s'],
  [0.789, 'ratio', '0.79'],
  [32.45, 'µs', '32.5 µs'],
  [1024 * 1024 * 80.25, 'bytes', '80.3 MiB'],
] as const)('%d as %s is written %s', (value, unit, text) => {
  expect(formatValue(value, unit)).toBe(text)
})

test('a share is rounded to nothing or all only when it is', () => {
  for (let share = 0.0005; share < 1; share += 0.0005)
    expect(['0 %', '100 %']).not.toContain(formatShare(share))
})
