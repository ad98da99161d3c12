#!/usr/bin/env node
/**
 * Where the command line begins: checks that this Node can run the rest, and keeps what it compiles. In JavaScript,
 * because an older Node cannot read anything else, and because what strips the types takes 17 MB as soon as it is used.
 */
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const neededNode = 24

if (Number.parseInt(process.versions.node, 10) < neededNode) {
  process.stderr.write(
    `sessionbench needs Node ${neededNode} or newer, and this is ${process.versions.node}; on Linux and macOS (x64, arm64) npm ci brings one along, which npm run bench uses; elsewhere install one\n`,
  )
  process.exitCode = 2
} else {
  // Where it cannot be written, nothing is kept.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/sessionbench', import.meta.url)))
  await import('./cli.ts')
}
