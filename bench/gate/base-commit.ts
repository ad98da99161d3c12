/** Finds the commit that head is compared with, or says how to get it. */
import { UsageError } from '../errors.ts'
import { askGit, git } from './git.ts'

/** The commit to compare with. */
export interface BaseCommit {
  readonly commit: string
  /** What it was found by: a ref, or the merge base with one. */
  readonly described: string
  /** Where the project lies in the repository, `''` or ending in a slash. */
  readonly prefix: string
  /** Whether head is this very commit, with no changes in the files that are compared. */
  readonly isHead: boolean
}

/** Where the main branch is looked for, in this order, after what CI says of a pull request. */
const mainBranches = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master']

/**
 * @param project the folder of the project, which may be one of several in its repository
 * @param ref a branch, tag or commit; absent: where head left the main branch
 * @param pullRequestBase the branch that a pull request is against, as CI tells it
 * @throws {UsageError} when there is no such commit, or it was not fetched
 */
export async function findBase(
  project: string,
  { ref, pullRequestBase }: { readonly ref?: string; readonly pullRequestBase?: string },
  signal?: AbortSignal,
): Promise<BaseCommit> {
  const inside = await askGit(project, ['rev-parse', '--show-prefix'], signal)
  if (inside.code !== 0) {
    throw new UsageError(
      `git opens no repository here, so there is no base to compare with; expected a clone of one. git said: ${inside.stderr}`,
    )
  }
  const head = await commitOf(project, 'HEAD', signal)
  if (head === null) throw new UsageError('the repository has no commit yet, so there is no base')
  const { commit, described } =
    ref === undefined ? await mergeBase(project, pullRequestBase, signal) : await named(project, ref, signal)
  const changes = await askGit(project, ['status', '--porcelain', '--', 'servers'], signal)
  return { commit, described, prefix: inside.stdout, isHead: commit === head && changes.stdout === '' }
}

async function named(project: string, ref: string, signal?: AbortSignal) {
  for (const candidate of [ref, `origin/${ref}`]) {
    const commit = await commitOf(project, candidate, signal)
    if (commit !== null) return { commit, described: candidate }
  }
  throw new UsageError(
    `unknown ref '${ref}'; expected a branch, tag or commit of this clone. ${await howToFetch(project, ref, signal)}`,
  )
}

async function mergeBase(project: string, pullRequestBase: string | undefined, signal?: AbortSignal) {
  const ofPullRequest = pullRequestBase ? [`origin/${pullRequestBase}`, pullRequestBase] : []
  for (const branch of [...ofPullRequest, ...mainBranches]) {
    if ((await commitOf(project, branch, signal)) === null) continue
    const found = await askGit(project, ['merge-base', 'HEAD', branch], signal)
    if (found.code === 0) return { commit: found.stdout, described: `where it left ${branch}` }
    throw new UsageError(
      `no common ancestor of HEAD and ${branch} is known here. ${await howToFetch(project, pullRequestBase ?? 'main', signal)}`,
    )
  }
  throw new UsageError(
    `no main branch found (looked for ${[...ofPullRequest, ...mainBranches].join(', ')}); say what to compare with: --against REF. ${await howToFetch(project, pullRequestBase ?? 'main', signal)}`,
  )
}

async function commitOf(project: string, ref: string, signal?: AbortSignal): Promise<string | null> {
  if (ref.startsWith('-')) return null // git would take it for an option
  const { code, stdout } = await askGit(
    project,
    ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`],
    signal,
  )
  return code === 0 ? stdout : null
}

/** CI clones the last commit alone unless told otherwise. */
async function howToFetch(project: string, branch: string, signal?: AbortSignal): Promise<string> {
  const shallow = (await git(project, ['rev-parse', '--is-shallow-repository'], signal)) === 'true'
  return shallow
    ? `This clone is shallow: run 'git fetch --unshallow origin' first (in GitHub Actions: actions/checkout with fetch-depth: 0)`
    : `If it is on the server only: git fetch origin ${branch}`
}
