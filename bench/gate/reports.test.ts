/** What each report of a gate holds, and that nothing in it can break out of its format. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { createGateFolder } from './gate-folder.ts'
import { publish, publishFailure } from './publish.ts'
import { renderAnnotations } from './render-annotations.ts'
import { renderGateMarkdown, renderGateText } from './render-gate.ts'
import { renderGateJunit } from './render-junit.ts'
import { renderActionBenchmark, renderBencher } from './render-series.ts'
import { gateWith, mixedGate, strategyWith } from './testing/gate-record.ts'

test('the Markdown begins with the verdict, shows what is worse and folds away what is fine', () => {
  expect(renderGateMarkdown(mixedGate)).toMatchInlineSnapshot(`
    "## ❌ sessionbench: worse than base: redis, cookie

    ### ❌ redis: worse (10 pairs, 18 findings about logins)

    - cpuMicrosPerRequest.replica +10.0 % (+7.0 … +13.0), more than the 2.5 % accepted

    | metric                      | verdict   |                  change | accepted | between pairs |    base |    head |
    | :-------------------------- | :-------- | ----------------------: | -------: | ------------: | ------: | ------: |
    | cpuMicrosPerRequest.replica | worse     |  +10.0 % (+7.0 … +13.0) |   +2.5 % |        ±1.8 % |  300 µs |  330 µs |
    | latencyP99Ms                | undecided | +20.0 % (+10.0 … +30.0) |    +25 % |        ±1.8 % | 5.00 ms | 6.00 ms |
    | answeredShare               | fine      |    +0.0 % (−0.2 … +2.2) |   −2.5 % |        ±1.8 % |   100 % |   100 % |

    ### ❌ cookie: worse (0 pairs, 9 findings about logins)

    - head: cookie does not run: &lt;"a &amp; b"&gt;<br>::error::fake�
    - costs were not compared: logins come first

    ### ✅ memory: new

    - only in head: there is nothing to compare it with

    - base 0123456789 (where it left main), head fedcba9876
    - logins on 3 replicas a side, seed 1, 100 s; 2 × Some CPU

    <sub>change: head against base, over fresh pairs of clusters, with a range that allows for every metric and look (made for 1 % of gates wrongly worse, 5 % wrongly fine). worse: the whole range is beyond what is accepted; fine: within; undecided: astride.</sub>
    "
  `)
  const fine = renderGateMarkdown(gateWith({}))
  expect(fine).toContain('## ✅ sessionbench: not worse than base by more than is accepted: redis')
  expect(fine).toContain('<details><summary>1 metrics over 10 pairs</summary>')
})

test('the text for a terminal', () => {
  expect(renderGateText(mixedGate)).toMatchInlineSnapshot(`
    "worse than base: redis, cookie
    base 0123456789 (where it left main), head fedcba9876
    logins on 3 replicas a side, seed 1, 100 s; 2 × Some CPU

    redis: worse (10 pairs, 18 findings about logins)
      cpuMicrosPerRequest.replica +10.0 % (+7.0 … +13.0), more than the 2.5 % accepted
    metric                        verdict                  change accepted between pairs    base    head
    cpuMicrosPerRequest.replica     worse  +10.0 % (+7.0 … +13.0)   +2.5 %        ±1.8 %  300 µs  330 µs
    latencyP99Ms                undecided +20.0 % (+10.0 … +30.0)    +25 %        ±1.8 % 5.00 ms 6.00 ms
    answeredShare                    fine    +0.0 % (−0.2 … +2.2)   −2.5 %        ±1.8 %   100 %   100 %

    cookie: worse (0 pairs, 9 findings about logins)
      head: cookie does not run: <"a & b">
      ::error::fake�
      costs were not compared: logins come first

    memory: new
      only in head: there is nothing to compare it with

    change: head against base, over fresh pairs of clusters, with a range that allows for every metric and look (made for 1 % of gates wrongly worse, 5 % wrongly fine). worse: the whole range is beyond what is accepted; fine: within; undecided: astride.
    "
  `)
})

test('the text for a terminal of 80 columns: nothing is broken but between words and columns', () => {
  const text = renderGateText(mixedGate, 80)
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(text).toMatchInlineSnapshot(`
    "worse than base: redis, cookie
    base 0123456789 (where it left main), head fedcba9876
    logins on 3 replicas a side, seed 1, 100 s; 2 × Some CPU

    redis: worse (10 pairs, 18 findings about logins)
      cpuMicrosPerRequest.replica +10.0 % (+7.0 … +13.0), more than the 2.5 %
        accepted
    metric                        verdict                  change accepted
    cpuMicrosPerRequest.replica     worse  +10.0 % (+7.0 … +13.0)   +2.5 %
    latencyP99Ms                undecided +20.0 % (+10.0 … +30.0)    +25 %
    answeredShare                    fine    +0.0 % (−0.2 … +2.2)   −2.5 %

    metric                      between pairs    base    head
    cpuMicrosPerRequest.replica        ±1.8 %  300 µs  330 µs
    latencyP99Ms                       ±1.8 % 5.00 ms 6.00 ms
    answeredShare                      ±1.8 %   100 %   100 %

    cookie: worse (0 pairs, 9 findings about logins)
      head: cookie does not run: <"a & b">
      ::error::fake�
      costs were not compared: logins come first

    memory: new
      only in head: there is nothing to compare it with

    change: head against base, over fresh pairs of clusters, with a range that
      allows for every metric and look (made for 1 % of gates wrongly worse, 5 %
      wrongly fine). worse: the whole range is beyond what is accepted; fine:
      within; undecided: astride.
    "
  `)
})

test('JUnit: failures, skipped ones, and nothing that breaks the XML', () => {
  expect(renderGateJunit(mixedGate)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="sessionbench gate" time="100.000">
      <testsuite name="redis" tests="4" failures="1" skipped="1">
        <testcase classname="redis" name="logins"/>
        <testcase classname="redis" name="cpuMicrosPerRequest.replica">
          <failure message="worse: +10.0 % (+7.0 … +13.0), 2.5 % accepted"/>
        </testcase>
        <testcase classname="redis" name="latencyP99Ms">
          <skipped message="undecided: +20.0 % (+10.0 … +30.0), 25 % accepted"/>
        </testcase>
        <testcase classname="redis" name="answeredShare"/>
      </testsuite>
      <testsuite name="cookie" tests="1" failures="1" skipped="0">
        <testcase classname="cookie" name="logins">
          <failure message="head does not run">head: cookie does not run: &lt;&quot;a &amp; b&quot;&gt;&#10;::error::fake�</failure>
        </testcase>
      </testsuite>
      <testsuite name="memory" tests="1" failures="0" skipped="1">
        <testcase classname="memory" name="logins">
          <skipped message="only in head: there is nothing to compare it with"/>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `)
})

test('JUnit: a head that runs and loses logins', () => {
  const fall = { experiment: 'login-persistence', case: '3', metric: 'recognisedShare', base: 1, head: 0.5 }
  const correctness = { compared: 9, falls: [{ ...fall, note: 'half of them' }] }
  expect(renderGateJunit(gateWith({ strategies: [strategyWith({ correctness })] }))).toContain(
    '<failure message="head keeps fewer logins than base">login-persistence, 3: recognisedShare fell',
  )
})

test('github-action-benchmark takes what is better when smaller', () => {
  expect(JSON.parse(renderActionBenchmark(mixedGate))).toEqual([
    {
      name: 'redis cpuMicrosPerRequest.replica',
      unit: 'µs',
      value: 330,
      range: '± 1.8 %',
      extra: 'worse, base 300',
    },
    { name: 'redis latencyP99Ms', unit: 'ms', value: 6, range: '± 1.8 %', extra: 'undecided, base 5' },
  ])
})

test('Bencher Metric Format', () => {
  expect(JSON.parse(renderBencher(mixedGate))).toMatchObject({
    redis: {
      'cpu-micros-per-request-replica': { value: 330, lower_value: 321, upper_value: expect.closeTo(339) },
      'answered-share': { value: 1 },
    },
  })
})

test('annotations: one line each, whatever a log holds', () => {
  const lines = renderAnnotations(mixedGate)
  expect(lines.map((line) => line.slice(0, 32))).toEqual([
    '::error title=redis is worse::cp',
    '::error title=cookie is worse::h',
  ])
  for (const line of lines) expect(line).not.toContain('\n')
  expect(renderAnnotations(gateWith({}))).toEqual([
    '::notice title=sessionbench::not worse than base by more than is accepted: redis',
  ])
})

function listener() {
  const told = { said: [] as string[], commands: [] as string[] }
  const announcer = {
    say: (line: string) => void told.said.push(line),
    command: (line: string) => void told.commands.push(line),
  }
  return { told, announcer }
}

test('CI gets its summary and annotations where it says, everyone the files', () => {
  using out = temporaryFolder()
  const folder = createGateFolder(out.path, mixedGate.id, () => {})
  const summary = join(out.path, 'summary.md')
  const { told, announcer } = listener()
  publish(mixedGate, folder, { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary }, announcer)
  expect(readFileSync(summary, 'utf8')).toBe(renderGateMarkdown(mixedGate))
  expect(told).toEqual({ said: [], commands: renderAnnotations(mixedGate) })
  expect(readdirSync(folder.path).sort()).toEqual([
    'bencher.json',
    'benchmark.json',
    'gate.json',
    'gate.md',
    'junit.xml',
  ])
  publish(mixedGate, folder, { GITHUB_STEP_SUMMARY: join(out.path, 'no', 'such', 'folder') }, announcer)
  expect(told.said.at(-1)).toContain('$GITHUB_STEP_SUMMARY: ENOENT')
})

test('CI is told as well why there is no verdict', () => {
  using out = temporaryFolder()
  const summary = join(out.path, 'summary.md')
  const { told, announcer } = listener()
  publishFailure(
    'This clone is shallow:\nfetch it',
    { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary },
    announcer,
  )
  expect(told.commands).toEqual([
    '::error title=sessionbench%3A no verdict::This clone is shallow:%0Afetch it',
  ])
  expect(readFileSync(summary, 'utf8')).toBe(
    '## ❔ sessionbench: no verdict\n\n    This clone is shallow:\n    fetch it\n',
  )
})
