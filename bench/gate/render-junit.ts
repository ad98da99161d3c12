/** A gate as JUnit XML: a suite per strategy, a test case per metric, as CI servers list them. */
import { xmlText } from '../text/xml.ts'
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
  return `  <testsuite name="${xmlText(strategy.name)}" tests="${cases.length}" failures="${count('failure')}" skipped="${count('skipped')}">
${cases.join('\n')}
  </testsuite>`
}

function logins(strategy: GateStrategyRecord): string {
  const { falls } = strategy.correctness
  const open = `    <testcase classname="${xmlText(strategy.name)}" name="logins"`
  if (falls.length > 0) {
    const said = gateNotes({ ...strategy, metrics: [], note: '' }).join('\n')
    const message = falls.some(({ metric }) => metric === 'runs')
      ? 'head does not run'
      : 'head keeps fewer logins than base'
    return `${open}>\n      <failure message="${message}">${xmlText(said)}</failure>\n    </testcase>`
  }
  if (strategy.status === 'compared') return `${open}/>`
  return `${open}>\n      <skipped message="${xmlText(strategy.note)}"/>\n    </testcase>`
}

function testCase(strategy: string, metric: GateMetricRecord): string {
  const open = `    <testcase classname="${xmlText(strategy)}" name="${xmlText(metric.name)}"`
  const said = xmlText(`${change(metric)}, ${percent(metric.tolerance)} accepted`)
  if (metric.verdict === 'fine') return `${open}/>`
  const element = metric.verdict === 'worse' ? 'failure' : 'skipped'
  return `${open}>\n      <${element} message="${metric.verdict}: ${said}"/>\n    </testcase>`
}
