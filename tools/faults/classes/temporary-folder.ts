/** The temporary folder cannot be written to: from the start, or from some moment on. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ExitCode } from '../../../bench/errors.ts'
import type { FaultClass } from '../fault.ts'
import { bench, mayMount, type Scene } from '../scene.ts'
import { oneOf, seconds, someCluster, someMoment, someRun } from '../subjects.ts'
import { toItsEnd } from '../to-its-end.ts'

const needsMounts = () => (mayMount() ? null : 'it takes root to mount a small file system')
const ends = [ExitCode.pass, ExitCode.harness, ExitCode.usage, ExitCode.trialFailed]

export const temporaryFull: FaultClass = {
  name: 'temporary-full',
  summary: 'the temporary folder has hardly any room',
  missing: needsMounts,
  async inject(scene, random) {
    const kibibytes = Math.round(4 * 2 ** (9 * random.next()))
    scene.mount(scene.temporary, `size=${kibibytes}k`)
    const args =
      random.int(2) === 0 ? someCluster(random) : someRun(random, scene.out, { shortest: true }).args
    const seen = await toItsEnd(scene, args)
    return {
      what: `${kibibytes} KiB of temporary folder for ${seen.line}`,
      commands: [{ seen, owed: { ends, names: /TMPDIR|space/ } }],
    }
  },
}

export const temporaryFillsUp: FaultClass = {
  name: 'temporary-fills-up',
  summary: 'the temporary folder fills up at some moment of a run',
  missing: needsMounts,
  async inject(scene, random) {
    scene.mount(scene.temporary, 'size=8m')
    const { args, expectedMs } = someRun(random, scene.out)
    const command = scene.start(bench(...args))
    const atMs = someMoment(random, expectedMs)
    await command.wait(atMs)
    if (command.hasEnded()) return null
    const filler = join(scene.temporary, 'somebody-elses')
    fill(filler)
    const seen = await command.ended
    rmSync(filler)
    return {
      what: `no more room in the temporary folder after ${seconds(atMs)} of ${seen.line}`,
      commands: [{ seen, owed: { ends, names: /TMPDIR|space/i } }],
    }
  },
}

/** Takes all the room that there is. */
export function fill(file: string): void {
  try {
    for (;;) writeFileSync(file, Buffer.alloc(64 * 1024, 'x'), { flag: 'a' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

/** Each makes a place that takes no folders, and answers its path. */
const unusable: Record<string, (scene: Scene) => string> = {
  missing: ({ path }) => join(path, 'gone'),
  'a file': ({ path }) => {
    writeFileSync(join(path, 'file'), '')
    return join(path, 'file')
  },
  'read-only': (scene) => {
    const folder = join(scene.path, 'read-only')
    mkdirSync(folder)
    if (isRoot) scene.mount(folder, 'ro,size=64k')
    else chmodSync(folder, 0o555)
    return folder
  },
}

/** Root writes wherever the file system lets it. */
const isRoot = process.getuid?.() === 0

export const temporaryUnusable: FaultClass = {
  name: 'temporary-unusable',
  summary: 'TMPDIR is missing, a file, or read-only',
  async inject(scene, random) {
    const ways = Object.keys(unusable).filter((way) => way !== 'read-only' || !isRoot || mayMount())
    const how = oneOf(random, ways)
    const folder = unusable[how]!(scene)
    const args =
      random.int(2) === 0 ? someCluster(random) : someRun(random, scene.out, { shortest: true }).args
    const seen = await toItsEnd(scene, args, { env: { TMPDIR: folder } })
    return {
      what: `TMPDIR is ${how} for ${seen.line}`,
      commands: [{ seen, owed: { ends: [ExitCode.usage], names: /TMPDIR/ } }],
    }
  },
}
