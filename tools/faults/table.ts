/** What a campaign came to, for people. Pure. */
import { markdownTable } from 'markdown-table'

/** One fault that was tried. */
export interface Result {
  readonly name: string
  readonly seed: number
  /** `missed`: it came too late, and nothing was put to the test. */
  readonly outcome: 'held' | 'failed' | 'missed'
  /** What was done to what. */
  readonly what: string
  /** Where the product fell short. */
  readonly wrong: readonly string[]
  /** What the command wrote last to stderr, where it fell short. */
  readonly said: string
  readonly tookMs: number
}

/** Classes, tries and failures. @param skipped classes that could not be tried here, and why */
export function renderTable(
  names: readonly string[],
  results: readonly Result[],
  skipped: ReadonlyMap<string, string>,
): string {
  const rows = names.map((name) => {
    const own = results.filter((result) => result.name === name)
    const count = (outcome: Result['outcome']) => own.filter((result) => result.outcome === outcome).length
    const tried = own.length - count('missed')
    const seconds =
      own.length === 0
        ? ''
        : (own.reduce((sum, { tookMs }) => sum + tookMs, 0) / own.length / 1000).toFixed(1)
    const remark = skipped.has(name) ? `not run: ${skipped.get(name)}` : ''
    return [name, String(tried), String(count('failed')), String(count('missed')), seconds, remark]
  })
  return markdownTable([['class', 'tried', 'failed', 'too late', 's each', ''], ...rows], {
    align: ['l', 'r', 'r', 'r', 'r', 'l'],
  })
}

/** Each failure with what the command said, and the command that tries it again. */
export function renderFailures(results: readonly Result[]): string {
  return results
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ name, seed, what, wrong, said }) =>
      [
        `${name}: ${what}`,
        ...wrong.map((one) => `  - ${one}`),
        ...(said === '' ? [] : said.split('\n').map((line) => `  > ${line}`)),
        `  again: npm run faults -- --only ${name} --seed ${seed} --count 1`,
      ].join('\n'),
    )
    .join('\n\n')
}

/** The last line. */
export function renderTotal(results: readonly Result[]): string {
  const failed = results.filter(({ outcome }) => outcome === 'failed').length
  const missed = results.filter(({ outcome }) => outcome === 'missed').length
  const tail = missed === 0 ? '' : `; ${missed} came too late`
  return `${results.length - missed} faults tried, ${failed} failed${tail}`
}
