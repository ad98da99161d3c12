/** Makes the two folders that a gate measures: the base out of git, and head as it is in the working tree. */
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runToEnd } from '../binaries/process-group.ts'
import type { Workspace } from '../cluster/workspace.ts'
import { EnvironmentError, messageOf, UsageError } from '../errors.ts'
import type { BaseCommit } from './base-commit.ts'
import { git } from './git.ts'

/** The folders, each with a `servers/` and the dependencies it needs. Disposing removes them. */
export interface Checkouts extends AsyncDisposable {
  readonly base: string
  readonly head: string
}

/** Where they are made, and who writes down what is started for it. */
export interface CheckoutPlace extends Pick<Workspace, 'remember'> {
  /** It must not exist. */
  readonly folder: string
}

/**
 * Both lie beside each other, head as a copy, so that neither has the better disk and edits made meanwhile do not count.
 * @param project the working tree
 * @throws {UsageError} when the base has no replica to start
 * @throws {EnvironmentError} when its dependencies cannot be installed
 */
export async function checkOutBoth(
  project: string,
  { commit, described, prefix }: BaseCommit,
  { folder, remember }: CheckoutPlace,
  notify: (line: string) => void,
  signal: AbortSignal,
): Promise<Checkouts> {
  await using started = new AsyncDisposableStack()
  mkdirSync(folder, { recursive: true })
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const base = join(await writeOut(project, commit, folder, signal), prefix)
  if (!existsSync(join(base, 'servers', 'replica.ts'))) {
    throw new UsageError(
      `the base ${commit.slice(0, 10)} (${described}) has no ${prefix}servers/replica.ts; expected a commit of sessionbench. Choose a later one with --against REF`,
    )
  }
  if (sameFile(join(project, 'package-lock.json'), join(base, 'package-lock.json'))) {
    linkDependencies(project, base)
  } else {
    notify('the base has another package-lock.json: installing its dependencies')
    await install(base, remember, signal)
  }

  const head = join(folder, 'head')
  mkdirSync(head)
  cpSync(join(project, 'servers'), join(head, 'servers'), { recursive: true })
  copyFileSync(join(project, 'package.json'), join(head, 'package.json'))
  linkDependencies(project, head)

  const held = started.move()
  return { base, head, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

function linkDependencies(project: string, checkout: string): void {
  const to = join(checkout, 'node_modules')
  if (!existsSync(to)) symlinkSync(resolve(project, 'node_modules'), to)
}

function sameFile(one: string, other: string): boolean {
  return existsSync(one) && existsSync(other) && readFileSync(one).equals(readFileSync(other))
}

/** In a group of its own that is written down: it must not go on making files when the gate is over, or was killed. */
async function install(
  folder: string,
  remember: CheckoutPlace['remember'],
  signal: AbortSignal,
): Promise<void> {
  const args = ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund']
  const options = { cwd: folder, env: process.env, signal, onStart: remember }
  const failed = (said: string, cause?: unknown) => {
    const lines = said.trim().split('\n').slice(-8)
    return new EnvironmentError(
      `the dependencies of the base cannot be installed (npm ci):\n${lines.map((line) => `  ${line}`).join('\n')}`,
      { cause },
    )
  }
  const { code, killedBy, output } = await runToEnd('npm', args, options).catch((error) => {
    signal.throwIfAborted()
    throw failed(messageOf(error), error)
  })
  if (code !== 0) throw failed(output.trim() || `it ended with ${killedBy ?? `exit code ${code}`}`)
}

/**
 * Writes all files of a commit into `folder/base`, through an index beside them. Not as a worktree of git's, which stays on
 * its list when the gate is killed; this way the repository is only read.
 * @returns the path of `folder/base`
 */
async function writeOut(
  project: string,
  commit: string,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const base = join(folder, 'base')
  const index = { GIT_INDEX_FILE: join(folder, 'index') }
  const top = await git(project, ['rev-parse', '--show-toplevel'], signal)
  await git(top, ['read-tree', commit], signal, index)
  await git(top, ['checkout-index', '--all', '--quiet', `--prefix=${base}/`], signal, index)
  return base
}
