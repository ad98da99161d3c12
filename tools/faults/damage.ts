/** Damages the text of a JSON file as disks, editors and people with intentions do. Pure. */
import type { Random } from '../../bench/stats/random.ts'

type Path = readonly (string | number)[]

/** A way to damage a file. */
export interface Damage {
  readonly name: string
  /** Whether a reader that takes such a file has not looked: there is nothing in it that could be right. */
  readonly mustBeRefused?: true
  /** @returns the damaged text; `null` where the file has nothing that could be damaged so */
  apply(text: string, random: Random): string | null
}

/** What a terminal, a browser or a reader would take for something else than text. */
const hostileTexts = [
  '\u001b]52;c;aGVsbG8=\u0007',
  '\u001b[2J\u001b[H',
  '\u202egnp.exe',
  'a\rb',
  '\u0000',
  '\u009b31m',
  '<script>alert(1)</script>',
  '::error::made up',
  '| a | b |',
]

export const damages: readonly Damage[] = [
  {
    name: 'truncated',
    mustBeRefused: true,
    apply: (text, random) => text.slice(0, random.int(Math.max(1, text.trimEnd().length - 1))),
  },
  {
    name: 'overwritten with zeros',
    mustBeRefused: true,
    apply(text, random) {
      const at = random.int(text.length)
      const length = Math.min(512, text.length - at)
      return text.slice(0, at) + '\0'.repeat(length) + text.slice(at + length)
    },
  },
  { name: 'not JSON', mustBeRefused: true, apply: () => 'PK\u0003\u0004 this was a run once' },
  {
    name: 'another JSON',
    mustBeRefused: true,
    apply: (_, random) => ['null', '[]', '{}', '"text"', '0'][random.int(5)]!,
  },
  {
    name: 'negated number',
    apply: (text, random) => changed(text, random, isPositive, (value) => -(value as number)),
  },
  {
    name: 'number without end',
    // JSON.parse makes Infinity of it.
    apply: (text, random) =>
      changed(
        text,
        random,
        isNumber,
        () => '\u0001',
        (out) => out.replace('"\\u0001"', '1e999'),
      ),
  },
  {
    name: 'fraction',
    apply: (text, random) => changed(text, random, isCount, (value) => (value as number) + 0.5),
  },
  {
    name: 'number as text',
    apply: (text, random) => changed(text, random, isNumber, (value) => String(value)),
  },
  { name: 'text as number', apply: (text, random) => changed(text, random, isText, () => 7) },
  { name: 'null', apply: (text, random) => changed(text, random, isLeaf, () => null) },
  { name: 'list as object', apply: (text, random) => changed(text, random, Array.isArray, () => ({})) },
  {
    name: 'hostile text',
    apply: (text, random) =>
      changed(text, random, isText, (value) => `${value}${hostileTexts[random.int(hostileTexts.length)]}`),
  },
  {
    name: 'long text',
    apply: (text, random) => changed(text, random, isText, (value) => `${value} at length `.repeat(20_000)),
  },
  {
    name: 'more keys than known',
    apply: (text, random) =>
      changed(text, random, isObject, (value) => ({ ...(value as object), surprise: 1 })),
  },
  {
    name: 'missing key',
    apply: (text, random) =>
      changed(text, random, isObject, (value) => {
        const keys = Object.keys(value as object)
        const without = keys[random.int(keys.length)]
        return Object.fromEntries(Object.entries(value as object).filter(([key]) => key !== without))
      }),
  },
  {
    name: 'deep nesting',
    mustBeRefused: true,
    apply: () => `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  },
]

/** The damages that make sense only in `run.json`. @param outside a path from the folder of a trial to a file elsewhere, without `.json` */
export function damagesOfRecord(outside: string): Damage[] {
  const record = (change: (run: RunShape, random: Random) => boolean) => (text: string, random: Random) => {
    const run = JSON.parse(text) as RunShape
    return change(run, random) ? JSON.stringify(run) : null
  }
  return [
    {
      name: 'another version',
      mustBeRefused: true,
      apply: record((run, random) => {
        run.schemaVersion = [0, 1, run.schemaVersion + 1, 1e6, -1][random.int(5)]!
        return true
      }),
    },
    {
      name: 'a trial outside the folder',
      mustBeRefused: true,
      apply: record((run, random) => {
        const done = run.trials.filter(({ status }) => status === 'done')
        if (done.length === 0) return false
        done[random.int(done.length)]!.id = outside
        return true
      }),
    },
    {
      name: 'a trial that is not there',
      mustBeRefused: true,
      apply: record((run, random) => {
        const done = run.trials.filter(({ status }) => status === 'done')
        if (done.length === 0) return false
        done[random.int(done.length)]!.id = 'another'
        return true
      }),
    },
    {
      name: 'hostile words',
      apply: record((run, random) => {
        const words = `x ${hostileTexts[random.int(hostileTexts.length)]}`
        switch (random.int(4)) {
          case 0:
            run.status = 'partial'
            run.reason = words
            break
          case 1:
            run.versions = { ...run.versions, nginx: words }
            break
          case 2:
            run.machine.cpuModel = words
            break
          default:
            for (const { strategies, failures } of run.trials)
              failures.push({ strategy: strategies[0]!, reason: words })
        }
        return true
      }),
    },
    {
      name: 'a trial twice',
      mustBeRefused: true,
      apply: record((run, random) => {
        const one = run.trials[random.int(Math.max(1, run.trials.length))]
        if (one === undefined) return false
        run.trials.push(structuredClone(one))
        return true
      }),
    },
  ]
}

/** What of `run.json` is changed here. */
interface RunShape {
  schemaVersion: number
  status: string
  reason: string
  versions: Record<string, string>
  machine: { cpuModel: string }
  trials: {
    id: string
    status: string
    strategies: string[]
    failures: { strategy: string; reason: string }[]
  }[]
}

const isNumber = (value: unknown) => typeof value === 'number'
const isPositive = (value: unknown) => typeof value === 'number' && value > 0
const isCount = (value: unknown) => Number.isInteger(value)
const isText = (value: unknown) => typeof value === 'string'
const isLeaf = (value: unknown) => value !== null && typeof value !== 'object'
const isObject = (value: unknown) => value !== null && typeof value === 'object' && !Array.isArray(value)

/**
 * One value somewhere in the file, of those that `fits` names, replaced.
 * @param afterwards what is done to the text in the end
 */
function changed(
  text: string,
  random: Random,
  fits: (value: unknown) => boolean,
  replace: (value: unknown) => unknown,
  afterwards = (out: string) => out,
): string | null {
  const root: unknown = JSON.parse(text)
  const places = pathsOf(root).filter((path) => path.length > 0 && fits(at(root, path)))
  if (places.length === 0) return null
  const path = places[random.int(places.length)]!
  const parent = at(root, path.slice(0, -1)) as Record<string | number, unknown>
  const key = path.at(-1)!
  parent[key] = replace(parent[key])
  return afterwards(JSON.stringify(root))
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path]
  const keys: (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  return [
    path,
    ...keys.flatMap((key) => pathsOf((value as Record<string | number, unknown>)[key], [...path, key])),
  ]
}

function at(root: unknown, path: Path): unknown {
  return path.reduce((value, key) => (value as Record<string | number, unknown>)[key], root)
}
