/** Sends what others may have written through every format: each keeps its form, and nothing in it does more than be read. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { marked } from 'marked'
import { describe, expect, test } from 'vitest'
import { type Comparison, compareRuns } from './gate/compare-runs.ts'
import { gateRecord } from './gate/gate-record.ts'
import { publishFailure } from './gate/publish.ts'
import { renderAnnotations } from './gate/render-annotations.ts'
import { renderComparison } from './gate/render-comparison.ts'
import { renderGateMarkdown, renderGateText } from './gate/render-gate.ts'
import { renderGateJunit } from './gate/render-junit.ts'
import { renderActionBenchmark, renderBencher } from './gate/render-series.ts'
import type { SavedRun } from './gate/saved-run.ts'
import { gateWith, metricWith, strategyWith } from './gate/testing/gate-record.ts'
import { type Finding, finding } from './record/finding.ts'
import { runRecord } from './record/run-record.ts'
import { renderMarkdown } from './report/markdown.ts'
import { renderTerminal } from './report/terminal.ts'
import { runRecordWith } from './testing/run-record.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { clean } from './text/clean.ts'
import { hostileTexts } from './text/testing/hostile.ts'
import { withoutCommands } from './text/workflow-command.ts'

/** A run that says `text` wherever it quotes others, as it is read from its folder. */
function runSaying(text: string) {
  const failure = { strategy: 'memory', reason: text }
  const run = runRecord.parse(
    runRecordWith({
      status: 'partial',
      reason: text,
      argv: [text],
      machine: { ...runRecordWith().machine, cpuModel: text, platform: text },
      versions: { node: text, nginx: text },
      strategies: [{ name: 'memory', summary: text, needs: [] }],
      trials: runRecordWith().trials.map((trial) => ({ ...trial, failures: [failure], beside: [text] })),
    }),
  )
  const row = (metric: string, verdict: Finding['verdict'], change: Partial<Finding> = {}) =>
    finding.parse({
      strategy: 'memory',
      experiment: 'throughput',
      case: 'me-saturated',
      metric,
      value: 1,
      unit: 'ratio',
      low: null,
      high: null,
      verdict,
      note: text,
      ...change,
    })
  const findings = [
    row('ratioToControl', 'unknown'),
    row('recognisedShare', 'fail', { unit: 'share' }),
    row('trialFailed', 'fail', { case: 'trials', experiment: 'restart-survival', unit: 'count' }),
  ]
  return {
    run,
    findings,
    summary: { schemaVersion: run.schemaVersion, run: run.id, status: 'partial', findings } as const,
  }
}

function gateSaying(text: string) {
  return gateRecord.parse(
    gateWith({
      base: { commit: null, described: text },
      machine: { ...gateWith({}).machine, cpuModel: text, platform: text },
      argv: [text],
      verdict: 'worse',
      strategies: [
        strategyWith({
          verdict: 'worse',
          note: text,
          correctness: {
            compared: 9,
            falls: [
              {
                experiment: 'gate',
                case: 'all',
                metric: 'runs',
                base: null,
                head: null,
                note: `head: ${text}`,
              },
              { experiment: 'gate', case: 'all', metric: 'recognisedShare', base: 1, head: 0, note: text },
            ],
          },
          metrics: [metricWith({ verdict: 'worse' })],
        }),
        strategyWith({ name: 'cookie', status: 'new', note: text, pairs: 0, metrics: [] }),
      ],
    }),
  )
}

function comparisonSaying(text: string): Comparison {
  const { run, findings } = runSaying(text)
  const other: SavedRun = { record: runRecord.parse(runRecordWith()), findings, trials: [findings] }
  return compareRuns({ record: run, findings, trials: [findings] }, other, 'control')
}

function failureSaying(text: string): string {
  using folder = temporaryFolder()
  const summary = join(folder.path, 'summary.md')
  publishFailure(text, { GITHUB_STEP_SUMMARY: summary }, { say() {}, command() {} })
  return readFileSync(summary, 'utf8')
}

const terminal: Readonly<Record<string, (text: string) => string>> = {
  'a run on a terminal': (text) =>
    renderTerminal(runSaying(text).run, runSaying(text).summary, { columns: 80, colours: false }),
  'a gate on a terminal': (text) => renderGateText(gateSaying(text), 80),
  'a comparison on a terminal': (text) => renderComparison(comparisonSaying(text), 'text', 80),
}
const markdown: Readonly<Record<string, (text: string) => string>> = {
  'summary.md': (text) => renderMarkdown(runSaying(text).run, runSaying(text).summary),
  'gate.md': (text) => renderGateMarkdown(gateSaying(text)),
  'a comparison in Markdown': (text) => renderComparison(comparisonSaying(text), 'markdown'),
  'why there is no verdict': failureSaying,
}
const json: Readonly<Record<string, (text: string) => string>> = {
  'run.json': (text) => JSON.stringify(runSaying(text).run),
  'summary.json': (text) => JSON.stringify(runSaying(text).summary),
  'gate.json': (text) => JSON.stringify(gateSaying(text)),
  'a comparison in JSON': (text) => renderComparison(comparisonSaying(text), 'json'),
  'benchmark.json': (text) => renderActionBenchmark(gateSaying(text)),
  'bencher.json': (text) => renderBencher(gateSaying(text)),
}

/** As long as the words it stands for, so that nothing is left out that would be there otherwise. */
const harmless = 'words of others'
/** Without those that say nothing: where there is nothing to say, some forms leave the place out. */
const texts = Object.entries(hostileTexts).filter(([, text]) => clean(text).trim() !== '')
const unsafe = /[^\P{Cc}\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u

describe.each(Object.entries({ ...terminal, ...markdown, ...json }))('%s', (_, render) => {
  test.each(texts)('has nothing invisible in it: %s', (_what, text) => {
    expect(render(text)).not.toMatch(unsafe)
  })
})

describe.each(Object.entries(terminal))('%s', (_, render) => {
  test.each(texts)('gives CI no command: %s', (_what, text) => {
    const isCommand = (line: string) => line.trimStart().startsWith('::') || line.includes('##[')
    expect(withoutCommands(render(text)).split('\n').filter(isCommand)).toEqual([])
  })
})

describe.each(Object.entries(markdown))('%s', (_, render) => {
  /** The elements of the page, in order; a text of several lines has breaks in it. */
  const elements = (text: string) =>
    [...marked.parse(render(text), { async: false }).matchAll(/<(\/?\w+)/g)]
      .map(([, name]) => name)
      .filter((name) => name !== 'br')

  test.each(texts)('has the form that it has without: %s', (_what, text) => {
    expect(elements(text)).toEqual(elements(harmless))
    expect(render(text)).not.toMatch(/^(?! {4}).*(@\w|[^&]#\d)/m) // in code nobody is mentioned
  })
})

describe.each(Object.entries(json))('%s', (_, render) => {
  test.each(texts)('is JSON: %s', (_what, text) => {
    expect(() => JSON.parse(render(text))).not.toThrow()
  })
})

describe('junit.xml', () => {
  const tags = (text: string) =>
    [...renderGateJunit(gateSaying(text)).matchAll(/<(\/?[\w?]+)((?: [\w:]+="[^"<>]*")*)\s*[/?]?>/g)].map(
      ([, name]) => name,
    )

  test.each(texts)('has the form that it has without: %s', (_what, text) => {
    const xml = renderGateJunit(gateSaying(text))
    expect(tags(text)).toEqual(tags(harmless))
    expect(xml.match(/</g)).toHaveLength(tags(text).length)
    expect(xml).not.toMatch(unsafe)
  })
})

describe('annotations', () => {
  test.each(texts)('are as many lines, each one command: %s', (_what, text) => {
    const lines = renderAnnotations(gateSaying(text))
    expect(lines).toHaveLength(1)
    for (const line of lines) expect(line).toMatch(/^::error title=redis is worse::[^\n]*$/)
    expect(lines.join()).not.toMatch(unsafe)
    expect(lines.join()).not.toContain('##[')
  })
})
