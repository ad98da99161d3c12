/** Stand-ins for the tests of this folder: folders that vanish, and programs that print what they are told to. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A temporary folder that is removed when disposed of. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'sessionbench-binaries-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Writes a program that prints `text` and ends with `exitCode`. */
export async function fakeProgram(path: string, text: string, exitCode = 0): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  await writeFile(path, `#!/bin/sh\necho '${text}'\nexit ${exitCode}\n`)
  await chmod(path, 0o755)
  return path
}

/** What the real programs print. */
export const says = {
  nginx: (version: string) => `nginx version: nginx/${version}`,
  redis: (version: string) => `Redis server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64`,
}

/** The text of a file, once it is there. */
export async function appears(path: string): Promise<string> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => null)
    if (text !== null) return text
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
