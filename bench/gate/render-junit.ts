/** A gate as JUnit XML: a suite per strategy, a test case per metric, as CI servers list them. */
import type { GateMetricRecord, GateRecord, GateStrategyRecord } from './gate-record.ts'
import { change, gateNotes, percent } from './gate-text.ts'

export function renderGateJunit(gate: GateRecord): string {
  const seconds = (gate.timing.wallMs / 1000).toFixed(3)
  const suites = gate.strategies.map(suite)
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sessionbench gate" time="${seconds}">
${suites.join('\n')}
</testsuites>
`
}

function suite(strategy: GateStrategyRecord): string {
  const cases = [logins(strategy), ...strategy.metrics.map((metric) => testCase(strategy.name, metric))]
  const count = (element: string) => cases.filter((text) => text.includes(`<${element} `)).length
  return `  <testsuite name="${escaped(strategy.name)}" tests="${cases.length}" failures="${count('failure')}" skipped="${count('skipped')}">
${cases.join('\n')}
  </testsuite>`
}

function logins(strategy: GateStrategyRecord): string {
  const { falls } = strategy.correctness
  const open = `    <testcase classname="${escaped(strategy.name)}" name="logins"`
  if (falls.length > 0) {
    const said = gateNotes({ ...strategy, metrics: [], note: '' }).join('\n')
    const message = falls.some(({ metric }) => metric === 'runs')
      ? 'head does not run'
      : 'head keeps fewer logins than base'
    return `${open}>\n      <failure message="${message}">${escaped(said)}</failure>\n    </testcase>`
  }
  if (strategy.status === 'compared') return `${open}/>`
  return `${open}>\n      <skipped message="${escaped(strategy.note)}"/>\n    </testcase>`
}

function testCase(strategy: string, metric: GateMetricRecord): string {
  const open = `    <testcase classname="${escaped(strategy)}" name="${escaped(metric.name)}"`
  const said = escaped(`${change(metric)}, ${percent(metric.tolerance)} accepted`)
  if (metric.verdict === 'fine') return `${open}/>`
  const element = metric.verdict === 'worse' ? 'failure' : 'skipped'
  return `${open}>\n      <${element} message="${metric.verdict}: ${said}"/>\n    </testcase>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}

/** Control characters that XML 1.0 cannot hold at all (a log may) become question marks. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"\n]/g, (character) => entities[character]!)
    .replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?')
}
