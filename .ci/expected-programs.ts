/**
 * Names the programs that clusters are made of here, and fails when one of them comes from elsewhere than expected.
 * Usage: node .ci/expected-programs.ts cache|path
 */
import { type BinaryName, requirements } from '../bench/binaries/binary.ts'
import { findBinaries } from '../bench/binaries/find.ts'

const expected = process.argv[2]
const { signal } = new AbortController()
const found = await findBinaries(Object.keys(requirements) as BinaryName[], { signal, notify: console.log })
for (const { name, version, path, source } of Object.values(found)) {
  const wrong = source === expected ? '' : `: from the ${source}, expected it from the ${expected}`
  console.log(`${name} ${version}, ${path}${wrong}`)
  if (wrong !== '') process.exitCode = 1
}
