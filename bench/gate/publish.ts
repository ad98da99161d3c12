/** Hands a finished gate on: files in its folder, and what CI reads from where it says. */
import { appendFileSync } from 'node:fs'
import { messageOf } from '../errors.ts'
import { clean } from '../text/clean.ts'
import type { GateFolder } from './gate-folder.ts'
import type { GateRecord } from './gate-record.ts'
import { renderAnnotations, renderFailureAnnotation } from './render-annotations.ts'
import { renderGateMarkdown } from './render-gate.ts'
import { renderGateJunit } from './render-junit.ts'
import { renderActionBenchmark, renderBencher } from './render-series.ts'

/** Where a gate is told of while it runs in CI. */
export interface Announcer {
  /** Takes what could not be handed on: the verdict stands without it. */
  say(line: string): void
  /** Takes a command to CI. */
  command(line: string): void
}

export function publish(
  gate: GateRecord,
  folder: GateFolder,
  env: Readonly<Record<string, string | undefined>>,
  announcer: Announcer,
): void {
  const markdown = renderGateMarkdown(gate)
  folder.writeRecord(gate)
  folder.writeText('gate.md', markdown)
  folder.writeText('junit.xml', renderGateJunit(gate))
  folder.writeText('benchmark.json', renderActionBenchmark(gate))
  folder.writeText('bencher.json', renderBencher(gate))
  if (env.GITHUB_ACTIONS === 'true') for (const line of renderAnnotations(gate)) announcer.command(line)
  summarise(markdown, env, announcer)
}

/** Publishes why a gate came to no verdict: whoever looks at a pull request sees its summary before its log. */
export function publishFailure(
  message: string,
  env: Readonly<Record<string, string | undefined>>,
  announcer: Announcer,
): void {
  if (env.GITHUB_ACTIONS === 'true') announcer.command(renderFailureAnnotation(message))
  // Indented it is code, in which nothing means anything.
  summarise(`## ❔ sessionbench: no verdict\n\n${clean(message).replaceAll(/^/gm, '    ')}\n`, env, announcer)
}

function summarise(
  markdown: string,
  env: Readonly<Record<string, string | undefined>>,
  { say }: Announcer,
): void {
  const summary = env.GITHUB_STEP_SUMMARY
  if (summary === undefined || summary === '') return
  try {
    appendFileSync(summary, markdown)
  } catch (error) {
    say(`the summary could not be written to $GITHUB_STEP_SUMMARY: ${messageOf(error)}`)
  }
}
