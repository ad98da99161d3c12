/** Waits for the end of a command, which a cluster in the foreground comes to only when it is asked to. */
import type { SeenCommand } from './judge.ts'
import type { Scene, StartOptions } from './scene.ts'
import { bench } from './scene.ts'

/** @param args of the command line */
export async function toItsEnd(
  scene: Scene,
  args: readonly string[],
  options: StartOptions = {},
): Promise<SeenCommand> {
  const command = scene.start(bench(...args), options)
  if (args[0] === 'cluster') {
    await command.wait(60_000, /Ctrl-C stops it/)
    command.kill('SIGINT')
  }
  return command.ended
}
