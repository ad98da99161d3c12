/**
 * Puts the programs that clusters are made of into a folder, to stand in a PATH as those that a system has installed.
 * Usage: node .ci/install-programs.ts FOLDER
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BinaryName, requirements } from '../bench/binaries/binary.ts'
import { findBinaries } from '../bench/binaries/find.ts'

const folder = process.argv[2]!
const { signal } = new AbortController()
const found = await findBinaries(Object.keys(requirements) as BinaryName[], { signal })
mkdirSync(folder, { recursive: true })
for (const { name, path, env } of Object.values(found)) {
  const variables = Object.entries(env).map(([variable, value]) => `export ${variable}='${value}'\n`)
  writeFileSync(join(folder, name), `#!/bin/sh\n${variables.join('')}exec '${path}' "$@"\n`, { mode: 0o755 })
}
