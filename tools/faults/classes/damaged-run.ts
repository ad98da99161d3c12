/** A file of a saved run is damaged, and the run is reported or compared. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, relative } from 'node:path'
import { ExitCode } from '../../../bench/errors.ts'
import { comparisonFormats } from '../../../bench/gate/comparison-formats.ts'
import { readSummary } from '../../../bench/record/folder.ts'
import type { Random } from '../../../bench/stats/random.ts'
import { type Damage, damages, damagesOfRecord } from '../damage.ts'
import type { FaultClass } from '../fault.ts'
import { changedFigures } from '../figures.ts'
import { bench } from '../scene.ts'
import { oneOf } from '../subjects.ts'

const outside = '../../../bait'

/** To whole files, whatever is in them. */
const toFiles: Record<string, (file: string) => void> = {
  deleted: (file) => unlinkSync(file),
  'a folder': (file) => {
    unlinkSync(file)
    mkdirSync(file)
  },
  'a link to itself': (file) => {
    unlinkSync(file)
    symlinkSync(basename(file), file)
  },
  'a link to nowhere': (file) => {
    unlinkSync(file)
    symlinkSync('/nonexistent/file', file)
  },
}

export const damagedRun: FaultClass = {
  name: 'run-damaged',
  summary: 'a file of a saved run is damaged, and the run is reported or compared',
  async inject(scene, random, campaign) {
    const { path: saved, findings: before } = await campaign.savedRun()
    const path = join(scene.out, 'run')
    cpSync(saved, path, { recursive: true, dereference: true }) // a link would have the original damaged
    const trials = readdirSync(join(path, 'trials'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(path, 'trials', name))
    // Somebody else's file, which nobody asked for.
    cpSync(oneOf(random, trials), join(scene.out, 'bait.json'))

    const file = random.int(2) === 0 ? join(path, 'run.json') : oneOf(random, trials)
    const { how, mustBeRefused } = damage(file, random)
    const from = relative(path, file)
    const args = oneOf(random, [
      ['report', path],
      ['report', scene.out],
      ['compare', path, saved, '--format', oneOf(random, comparisonFormats)],
      ['compare', saved, path, '--format', oneOf(random, comparisonFormats)],
    ])
    rmSync(join(path, 'summary.json'), { force: true })
    symlinkSync(basename(path), join(scene.out, 'latest'))
    const seen = await scene.start(bench(...args)).ended
    const judged = join(path, 'summary.json')
    const after = seen.end === ExitCode.pass && existsSync(judged) ? readSummary(path).findings : []
    return {
      what: `${from}: ${how}, and ${seen.line}`,
      commands: [
        {
          seen,
          owed: {
            ends: mustBeRefused ? [ExitCode.usage] : [ExitCode.pass, ExitCode.usage],
            names: new RegExp(`${basename(file)}|another\\.json|no run found|complete`),
          },
        },
      ],
      wrong: [...changedFigures(before, after), ...unescaped(path, args, seen.stdout)],
      runs: 'damaged',
    }
  },
}

/** Does it to the file. */
function damage(file: string, random: Random): { readonly how: string; readonly mustBeRefused: boolean } {
  if (random.int(6) === 0) {
    const how = oneOf(random, Object.keys(toFiles))
    toFiles[how]!(file)
    return { how, mustBeRefused: true }
  }
  const isRecord = basename(file) === 'run.json'
  const possible: readonly Damage[] = isRecord ? [...damages, ...damagesOfRecord(outside)] : damages
  const text = readFileSync(file, 'utf8')
  for (const { name, mustBeRefused = false, apply } of random.shuffle(possible)) {
    const damaged = apply(text, random)
    if (damaged === null || damaged === text) continue
    writeFileSync(file, damaged)
    return { how: name, mustBeRefused }
  }
  throw new Error(`there is nothing to damage in ${file}`)
}

/** What a page that shows Markdown would run. */
function unescaped(path: string, args: readonly string[], stdout: string): string[] {
  const summary = join(path, 'summary.md')
  const markdown = [
    ...(existsSync(summary) ? [readFileSync(summary, 'utf8')] : []),
    ...(args.includes('markdown') ? [stdout] : []),
  ]
  return markdown.some((text) => text.includes('<script')) ? ['Markdown passes <script>'] : []
}
