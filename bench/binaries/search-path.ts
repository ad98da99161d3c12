/** Where installed programs are looked for: the search path and the folders that it often lacks. */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'

/** Debian leaves the sbin folders out of an ordinary user's PATH; Homebrew's are missing in editors and cron. */
const usualDirs = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/opt/homebrew/bin', '/usr/local/bin']

/** The folders of PATH in order, then the usual ones; each once. Relative entries depend on where one stands: left out. */
export function searchDirs(env: NodeJS.ProcessEnv): string[] {
  const fromPath = (env.PATH ?? '').split(delimiter).filter((dir) => isAbsolute(dir))
  return [...new Set([...fromPath, ...usualDirs])]
}

/** The executable files called `name` in `dirs`, in order. */
export async function candidates(name: string, dirs: readonly string[]): Promise<string[]> {
  const paths = dirs.map((dir) => join(dir, name))
  const executable = await Promise.all(paths.map(isExecutableFile))
  return paths.filter((_, i) => executable[i])
}

/** Whether `path` is a file that this user may execute. */
export async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
