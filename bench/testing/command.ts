/** Runs the real command line in a home and a temporary folder of its own, so that whatever it leaves can be seen. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { cacheDir } from '../binaries/cache.ts'
import { isRunning, processId } from '../processes/process-table.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'
import { endWithThisProcess } from './watchdog.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))
const entry = join(project, 'bench', 'main.js')

const running = new Set<ChildProcess>()
// Asked to stop, so that a command which a failed test has left running takes its cluster with it.
afterAll(async () => {
  for (const child of running) child.kill('SIGINT')
  await until(() => running.size === 0)
})

/** A command that has been started. */
export interface Command {
  readonly pid: number
  /** Resolves with the exit code, or the signal that ended it, when its output is complete. */
  readonly ended: Promise<number | NodeJS.Signals>
  stdout(): string
  stderr(): string
  /**
   * Resolves when it has written `text`, to whichever output.
   * @throws when it ends without having done so
   */
  writes(text: string): Promise<void>
  kill(signal: NodeJS.Signals): void
}

/** A place to run commands in, apart from the machine's own. */
export interface Scene extends Disposable {
  /** For files of the test. */
  readonly path: string
  /** The commands' temporary folder. */
  readonly temporary: string
  /** Where commands write results unless told otherwise. */
  readonly out: string
  /** @param stdout a file that takes what it writes there; absent: it is kept for `stdout()` */
  start(args: readonly string[], env?: NodeJS.ProcessEnv, stdout?: number): Command
  /** Through npm, as the README has it: `npm run …`. */
  startNpm(args: readonly string[], env?: NodeJS.ProcessEnv): Command
  /** What is left in the temporary folder. */
  leftFolders(): string[]
  /** Processes that were started there: they write their logs there, and still do when the files are gone. */
  leftProcesses(): number[]
  /** Resolves with the number of the only member of this name as soon as it has begun to serve. */
  serving(replica: string): Promise<number>
}

export function openScene(): Scene {
  const folder = temporaryFolder()
  const [out, home, temporary] = ['results', 'home', 'tmp'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  const own = new Set<ChildProcess>()
  mkdirSync(home)
  mkdirSync(temporary)
  const environment = {
    ...process.env,
    HOME: home,
    TMPDIR: temporary,
    // The programs that were fetched once are good for all.
    XDG_CACHE_HOME: dirname(cacheDir(process.env) ?? join(home, 'sessionbench')),
  }
  return {
    path: folder.path,
    temporary,
    out,
    start: (args, env = {}, stdout) =>
      startCommand(process.execPath, [entry, ...args], own, { ...environment, ...env }, stdout),
    startNpm: (args, env = {}) =>
      startCommand('npm', ['run', ...args], own, {
        ...environment,
        npm_config_update_notifier: 'false', // it would ask the registry
        NODE_DISABLE_COMPILE_CACHE: '1', // npm keeps its own in the temporary folder
        ...env,
      }),
    leftFolders: () => readdirSync(temporary),
    leftProcesses: () => processesWritingBelow(temporary),
    async serving(replica) {
      const logOf = (pid: number) => target(`/proc/${pid}/fd/1`)
      const found = () =>
        processesWritingBelow(temporary).find((pid) => logOf(pid).endsWith(`/${replica}.log`))
      let serving: number | undefined
      await until(() => {
        const pid = found()
        const log = pid === undefined ? '' : logOf(pid)
        if (log !== '' && readFileSync(log, 'utf8').includes('"event":"listening"')) serving = pid
        return serving !== undefined
      })
      return serving!
    },
    [Symbol.dispose]() {
      // First what starts others: a command that a failed test has left running must not start any more of them.
      const left = [...own].map(({ pid }) => processId(pid!))
      for (const child of own) child.kill('SIGKILL')
      while (left.some(isRunning)) pauseHere(5)
      for (const pid of processesWritingBelow(temporary)) process.kill(pid, 'SIGKILL')
      folder[Symbol.dispose]()
    },
  }
}

function startCommand(
  program: string,
  args: readonly string[],
  own: Set<ChildProcess>,
  env: NodeJS.ProcessEnv,
  stdout: number | 'pipe' = 'pipe',
): Command {
  const child: ChildProcess = spawn(program, args, { cwd: project, env, stdio: ['ignore', stdout, 'pipe'] })
  running.add(child)
  const watchdog = endWithThisProcess(child.pid!)
  own.add(child)
  const texts = { stdout: '', stderr: '' }
  let wake = () => {}
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
      wake()
    })
  }
  let over = false
  const ended = once(child, 'close').then(([code, signal]) => {
    over = true
    watchdog[Symbol.dispose]()
    running.delete(child)
    own.delete(child)
    wake()
    return (code ?? signal) as number | NodeJS.Signals
  })
  return {
    pid: child.pid!,
    ended,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    async writes(text) {
      while (!texts.stdout.includes(text) && !texts.stderr.includes(text)) {
        if (over)
          throw new Error(`it ended without having written '${text}':\n${texts.stdout}\n${texts.stderr}`)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    kill: (signal) => void child.kill(signal),
  }
}

/** Without letting anything else of this process go on. */
function pauseHere(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

function processesWritingBelow(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => ['fd/1', 'fd/2'].some((output) => target(`/proc/${pid}/${output}`).startsWith(folder)))
    .map(Number)
}

function target(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return '' // it has ended, or belongs to somebody else
  }
}
