#!/usr/bin/env node
/**
 * Where the command line begins: checks that this Node can run the rest, keeps what it compiles, and listens to signals
 * before it loads anything else. In JavaScript, because an older Node cannot read anything else, and because what strips the
 * types takes 17 MB as soon as it is used.
 */
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const neededNode = 24
/** As in errors.ts. */
const exitCode = { usage: 2, interrupted: 130 }

if (Number.parseInt(process.versions.node, 10) < neededNode) {
  process.stderr.write(
    `sessionbench needs Node ${neededNode} or newer, and this is ${process.versions.node}; on Linux and macOS (x64, arm64) npm ci brings one along, which npm run bench uses; elsewhere install one\n`,
  )
  process.exitCode = exitCode.usage
} else {
  // Where it cannot be written, nothing is kept.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/sessionbench', import.meta.url)))
  const { onInterruption } = await import('./interruption.ts')
  // Until a command has something to stop, and when it has none any more.
  onInterruption((why) => {
    process.stderr.write(`sessionbench: interrupted: ${why}\n`)
    process.exit(exitCode.interrupted)
  })
  await import('./cli.ts')
}
