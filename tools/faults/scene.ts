/** A place for one fault: a home, a temporary folder and results of its own, and commands that are started there. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cacheDir } from '../../bench/binaries/cache.ts'
import type { End, SeenCommand } from './judge.ts'
import { processesOf, type SceneProcess } from './processes.ts'

export const project = fileURLToPath(new URL('../../', import.meta.url))

/** A command that takes longer hangs. */
const usualPatienceMs = 180_000
/** A process that got SIGKILL is in the process table for a moment longer. */
const lingerMs = 3_000

/** How a command is started. */
export interface StartOptions {
  /** On top of the scene's; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** A shell script that runs the command as `"$@"`. */
  readonly through?: string
  readonly cwd?: string
  /** How long it may take before it counts as hanging. */
  readonly patienceMs?: number
  /** Its reader goes away after so many characters of output. */
  readonly readerLeavesAfter?: number
}

/** A command under way. */
export interface Started {
  readonly pid: number
  /** Resolves, never rejects, when it has ended and its output is complete. */
  readonly ended: Promise<SeenCommand>
  hasEnded(): boolean
  /** Both outputs so far. */
  text(): string
  /** @param whom the command alone, or everything that shares its terminal */
  kill(signal: NodeJS.Signals, whom?: 'alone' | 'group'): void
  /** Resolves after `ms`, or when it has ended, or this text was written: whichever comes first. */
  wait(ms: number, text?: RegExp): Promise<void>
}

export interface Scene extends AsyncDisposable {
  readonly path: string
  readonly home: string
  readonly temporary: string
  readonly out: string
  /** Aborted when the campaign is interrupted. */
  readonly signal: AbortSignal
  /** @param command program and arguments */
  start(command: readonly string[], options?: StartOptions): Started
  /** What runs here now. */
  processes(): SceneProcess[]
  /** To one of them, if it still runs. */
  send(signal: NodeJS.Signals, to: SceneProcess): void
  /** Resolves when nothing runs here any more, or after `ms`. */
  quiet(ms?: number): Promise<void>
  /** Names in the temporary folder, without what Node and npm put there. */
  folders(): string[]
  /** Ends everything that runs here. */
  killAll(): Promise<void>
  /** Puts a file system of its own over a folder; it goes with the scene. For root on Linux. */
  mount(folder: string, options: string): void
}

/** The command line of this project, as in package.json's `bench`. */
export function bench(...args: readonly string[]): string[] {
  return [process.execPath, '--max-semi-space-size=4', join(project, 'bench/main.js'), ...args]
}

/** Makes the folders. @param signal ends everything in it at once */
export function openScene(signal: AbortSignal): Scene {
  signal.throwIfAborted()
  const path = mkdtempSync(join(tmpdir(), 'faults-of-sessionbench-'))
  const [home, temporary, out] = ['home', 'tmp', 'results'].map((name) => join(path, name)) as [
    string,
    string,
    string,
  ]
  for (const folder of [home, temporary, out]) mkdirSync(folder)
  const mounts: string[] = []
  const environment = {
    ...process.env,
    HOME: home,
    TMPDIR: temporary,
    // Marks whatever is started here, members of clusters included: they are given the PATH and little else.
    PATH: `${process.env.PATH ?? ''}:${path}`,
    // The programs that were fetched once are good for all.
    XDG_CACHE_HOME: dirname(cacheDir(process.env) ?? join(home, 'sessionbench')),
    npm_config_update_notifier: 'false',
  }

  const processes = () => processesOf(path)
  const killAll = async () => {
    for (let left = processes(); left.length > 0; left = processes()) {
      for (const { pid } of left) kill(pid, 'SIGKILL')
      await sleep(20)
    }
  }
  const onAbort = () => {
    for (const { pid } of processes()) kill(pid, 'SIGKILL')
  }
  signal.addEventListener('abort', onAbort)

  return {
    path,
    home,
    temporary,
    out,
    signal,
    processes,
    send(name, { pid }) {
      // Looked up again: its number may be another's by now.
      if (processes().some((each) => each.pid === pid)) kill(pid, name)
    },
    killAll,
    start: (command, options = {}) =>
      startCommand(command, options, { ...environment, ...options.env }, killAll, signal),
    async quiet(ms = lingerMs) {
      const end = performance.now() + ms
      while (processes().length > 0 && performance.now() < end) await sleep(20, undefined, { signal })
    },
    folders: () =>
      existsSync(temporary)
        ? readdirSync(temporary).filter((name) => !/^(node|v8)-compile-cache/.test(name))
        : [],
    mount(folder, options) {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'faults', folder], { stdio: 'pipe' })
      mounts.push(folder)
    },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', onAbort)
      await killAll()
      for (const folder of mounts.toReversed()) execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' })
      execFileSync('chmod', ['-R', 'u+rwX', path], { stdio: 'pipe' }) // some were made read-only
      rmSync(path, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Whether this user may put file systems over folders. */
export function mayMount(): boolean {
  return process.getuid?.() === 0 && mountWorks()
}

let mounted: boolean | undefined
function mountWorks(): boolean {
  if (mounted !== undefined) return mounted
  const folder = mkdtempSync(join(tmpdir(), 'faults-of-sessionbench-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'faults', folder], { stdio: 'pipe' })
    execFileSync('umount', [folder], { stdio: 'pipe' })
    mounted = true
  } catch {
    mounted = false
  }
  rmSync(folder, { recursive: true, force: true })
  return mounted
}

function startCommand(
  command: readonly string[],
  { through, cwd = project, patienceMs = usualPatienceMs, readerLeavesAfter }: StartOptions,
  env: Readonly<Record<string, string | undefined>>,
  killAll: () => Promise<void>,
  signal: AbortSignal,
): Started {
  signal.throwIfAborted()
  const [program, ...args] = through === undefined ? command : ['/bin/sh', '-c', through, 'sh', ...command]
  const startedAt = performance.now()
  const child = spawn(program!, args, {
    cwd,
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a terminal of its own: a Ctrl-C there reaches it alone, one in ours does not
  })
  const texts = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  const changed = () => {
    for (const wake of waiting) wake()
  }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
      if (readerLeavesAfter !== undefined && texts.stdout.length >= readerLeavesAfter) child.stdout.destroy()
      changed()
    })
  }
  if (readerLeavesAfter === 0) child.stdout.destroy()

  let over = false
  let askedAt: number | null = null
  let overdueMs: number | null = null
  const overdue = setTimeout(() => {
    overdueMs = performance.now() - startedAt
    void killAll()
  }, patienceMs)
  const ended = endOf(child).then((end): SeenCommand => {
    over = true
    clearTimeout(overdue)
    changed()
    const stoppingMs = askedAt === null ? null : performance.now() - askedAt
    return { line: lineOf(command, through), end, ...texts, stoppingMs, overdueMs }
  })
  return {
    pid: child.pid ?? 0,
    ended,
    hasEnded: () => over,
    text: () => texts.stdout + texts.stderr,
    kill(name, whom = 'alone') {
      if (over || child.pid === undefined) return
      askedAt ??= performance.now()
      kill(whom === 'alone' ? child.pid : -child.pid, name)
    },
    async wait(ms, text) {
      const end = performance.now() + ms
      const isThere = () => text?.test(texts.stdout + texts.stderr) === true
      while (!over && !isThere() && performance.now() < end) {
        let wake = () => {}
        const news = new Promise<void>((resolve) => {
          wake = resolve
        })
        waiting.add(wake)
        const timer = setTimeout(wake, Math.max(0, end - performance.now()))
        await news
        clearTimeout(timer)
        waiting.delete(wake)
      }
      signal.throwIfAborted()
    },
  }
}

/** When it has ended and nobody holds its outputs any more. */
async function endOf(child: ChildProcess): Promise<End> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return code ?? signal ?? 1
  } catch (error) {
    throw new Error(`${child.spawnfile} cannot be started: ${(error as Error).message}`, { cause: error })
  }
}

function lineOf(command: readonly string[], through: string | undefined): string {
  const own = command.findIndex((word) => word.endsWith('main.js'))
  const words = own < 0 ? command : ['sessionbench', ...command.slice(own + 1)]
  return through === undefined ? words.join(' ') : `${words.join(' ')} (through ${through})`
}

/** A process that has ended meanwhile is sent nothing. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
