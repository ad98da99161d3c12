/** Reads which module imports which, and finds what breaks a rule about it; for the test of the architecture. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** One import of a file. */
export interface Import {
  /** What is imported: a path from the project's root, a package, or a module of Node's own such as `node:fs`. */
  readonly to: string
  /** `type`: gone before the code runs. `static`: loaded with the file. `dynamic`: loaded when asked for. */
  readonly kind: 'type' | 'static' | 'dynamic'
}

/** A file as the rules see it. */
export interface SourceFile {
  /** From the project's root, e.g. `bench/run.ts`. */
  readonly path: string
  readonly imports: readonly Import[]
  /** Without comments. */
  readonly code: string
}

/**
 * All TypeScript files of these folders.
 * @param tests whether tests and what only they use are among them
 */
export function readSources(
  root: string,
  folders: readonly string[],
  tests: 'without tests' | 'with tests' = 'without tests',
): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
      .filter((path) => path.endsWith('.ts') && (tests === 'with tests' || !isForTests(path)))
      .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8'))),
  )
}

function isForTests(path: string): boolean {
  return path.endsWith('.test.ts') || path.split('/').includes('testing') || path.endsWith('/fixtures.ts')
}

/**
 * `import { type A } from …` counts as static: stripping types leaves `import {} from …`, which loads the module.
 * @param path from the project's root
 */
export function parseSource(path: string, text: string): SourceFile {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
  const statement = /^(?:import|export)\s+(?:(type)\s+)?(?:[\w$*\s{},]*?\sfrom\s+)?'([^']+)'/gm
  const imports = [...code.matchAll(statement)].map(
    ([, type, to]): Import => ({ to: resolved(path, to!), kind: type === undefined ? 'static' : 'type' }),
  )
  const call = /\bimport\(\s*'([^']+)'/g
  const later = [...code.matchAll(call)].map(
    ([, to]): Import => ({ to: resolved(path, to!), kind: 'dynamic' }),
  )
  return { path, code, imports: [...imports, ...later] }
}

function resolved(from: string, to: string): string {
  return to.startsWith('.') ? posix.join(posix.dirname(from), to) : to
}

/** Each import that breaks the rule, as `from → to`. */
export function breaches(
  files: readonly SourceFile[],
  isForbidden: (from: SourceFile, imported: Import) => boolean,
): string[] {
  return files.flatMap((file) =>
    file.imports.filter((each) => isForbidden(file, each)).map((each) => `${file.path} → ${each.to}`),
  )
}

/** The files whose code, comments aside, has the pattern. */
export function filesWith(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.filter(({ code }) => pattern.test(code)).map(({ path }) => path)
}

/** A cycle of imports, types included, as the paths along it; `null` when there is none. */
export function findCycle(files: readonly SourceFile[]): string[] | null {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): string[] | null => {
    const before = trail.indexOf(path)
    if (before >= 0) return [...trail.slice(before), path]
    if (done.has(path)) return null
    for (const { to } of byPath.get(path)?.imports ?? []) {
      const cycle = visit(to, [...trail, path])
      if (cycle !== null) return cycle
    }
    done.add(path)
    return null
  }
  for (const { path } of files) {
    const cycle = visit(path, [])
    if (cycle !== null) return cycle
  }
  return null
}

/**
 * Everything that is loaded with a file sooner or later, itself included.
 * @param kinds which imports count; absent: all but those of types
 */
export function loadedWith(
  files: readonly SourceFile[],
  start: string,
  kinds: readonly Import['kind'][] = ['static', 'dynamic'],
): Set<string> {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const found = new Set<string>()
  const visit = (path: string) => {
    if (found.has(path)) return
    found.add(path)
    for (const { to, kind } of byPath.get(path)?.imports ?? []) if (kinds.includes(kind)) visit(to)
  }
  visit(start)
  return found
}
