/** Holds the workflows of CI to what keeps others' code from more than it needs. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const folder = join(import.meta.dirname, '..', '.github', 'workflows')

describe.each(readdirSync(folder))('%s', (file) => {
  const text = readFileSync(join(folder, file), 'utf8')
  const steps = text.split(/^ +- (?=\w+:)/m)

  test('pins every action by commit, with its tag behind it', () => {
    const uses = text.match(/uses: .*/g) ?? []
    expect(uses.length).toBeGreaterThan(0)
    for (const action of uses) expect(action).toMatch(/^uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  test('leaves no token where code of a pull request runs', () => {
    for (const step of steps.filter((one) => one.includes('actions/checkout@')))
      expect(step).toContain('persist-credentials: false')
    expect(text).toMatch(/^permissions:\n {2}contents: read$/m)
    expect(text).not.toContain('pull_request_target')
  })

  test('puts nothing of an event into a shell', () => {
    for (const [command] of text.matchAll(/ run: (\|\n( {10}.*\n)*|.*)/g))
      expect(command).not.toContain('${{')
  })

  test('gives a token that may write to no job that checks out a pull request', () => {
    const jobs = text.slice(text.indexOf('\njobs:')).split(/^ {2}(?=\w+:$)/m)
    for (const job of jobs.filter((one) => one.includes(': write')))
      expect(job).toMatch(/ref: \$\{\{ github\.event\.pull_request\.base\.sha \}\}$/m)
  })
})
