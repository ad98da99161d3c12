/** Makes the two folders that a gate measures: the base out of git, and head as it is in the working tree. */
import { execFile } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve, sep } from 'node:path'
import { EnvironmentError, UsageError } from '../errors.ts'
import type { BaseCommit } from './base-commit.ts'
import { askGit, git } from './git.ts'

/** The folders, each with a `servers/` and the dependencies it needs. Disposing gives the worktree back to git. */
export interface Checkouts extends AsyncDisposable {
  readonly base: string
  readonly head: string
}

/**
 * Both lie beside each other, head as a copy, so that neither has the better disk and edits made meanwhile do not count.
 * @param project the working tree
 * @param folder where they are made; it must not exist
 * @throws {UsageError} when the base has no replica to start
 * @throws {EnvironmentError} when its dependencies cannot be installed
 */
export async function checkOutBoth(
  project: string,
  { commit, described, prefix }: BaseCommit,
  folder: string,
  notify: (line: string) => void,
  signal: AbortSignal,
): Promise<Checkouts> {
  await using started = new AsyncDisposableStack()
  await forgetLeftovers(project)
  mkdirSync(folder, { recursive: true })
  const worktree = join(folder, 'base')
  // Deferred first: an interrupted checkout leaves a worktree as well.
  started.defer(() => removeWorktree(project, worktree))
  await git(project, ['worktree', 'add', '--quiet', '--detach', worktree, commit], signal)
  const base = join(worktree, prefix)
  if (!existsSync(join(base, 'servers', 'replica.ts'))) {
    throw new UsageError(
      `the base ${commit.slice(0, 10)} (${described}) has no ${prefix}servers/replica.ts; expected a commit of sessionbench. Choose a later one with --against REF`,
    )
  }
  if (sameFile(join(project, 'package-lock.json'), join(base, 'package-lock.json'))) {
    linkDependencies(project, base)
  } else {
    notify('the base has another package-lock.json: installing its dependencies')
    await install(base, signal)
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

function install(folder: string, signal: AbortSignal): Promise<void> {
  return new Promise((done, reject) => {
    execFile(
      'npm',
      ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'],
      { cwd: folder, encoding: 'utf8', signal, maxBuffer: 2 ** 24 },
      (error, stdout, stderr) => {
        if (error === null) return done()
        if (signal.aborted) return reject(signal.reason)
        const said = (`${stdout}\n${stderr}`.trim() || error.message).split('\n').slice(-8)
        reject(
          new EnvironmentError(
            `the dependencies of the base cannot be installed (npm ci):\n${said.map((line) => `  ${line}`).join('\n')}`,
            { cause: error },
          ),
        )
      },
    )
  })
}

/** Never throws: what is left is forgotten by the next gate, and must not hide the first error. */
async function removeWorktree(project: string, path: string): Promise<void> {
  await askGit(project, ['worktree', 'remove', '--force', path]).catch(() => {})
}

/**
 * Takes worktrees of killed gates off git's list, once their folders are gone. Only those: `git worktree prune` would
 * also forget somebody's worktree on a disk that is not mounted at the moment.
 */
export async function forgetLeftovers(project: string): Promise<void> {
  const { stdout } = await askGit(project, ['worktree', 'list', '--porcelain'])
  const ours = join(resolve(tmpdir()), 'sessionbench-run-')
  for (const line of stdout.split('\n')) {
    const path = line.startsWith('worktree ') ? line.slice('worktree '.length) : ''
    if (path.startsWith(ours) && path.includes(`${sep}gate${sep}`) && !existsSync(path)) {
      await removeWorktree(project, path)
    }
  }
}
