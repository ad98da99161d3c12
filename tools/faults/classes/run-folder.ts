/** Something happens to the folder of a run while it goes on. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ExitCode } from '../../../bench/errors.ts'
import type { FaultClass } from '../fault.ts'
import type { SeenCommand } from '../judge.ts'
import { bench, mayMount, type Scene } from '../scene.ts'
import { oneOf, seconds, someMoment, someRun } from '../subjects.ts'
import { fill } from './temporary-folder.ts'

/** What is done to the folder of the run, or to the one above it. */
const ways: Record<string, (folder: string, scene: Scene) => void> = {
  deleted: (folder) => rmSync(folder, { recursive: true }),
  'deleted, with all results': (_, { out }) => rmSync(out, { recursive: true }),
  'replaced by a file': (folder) => {
    rmSync(folder, { recursive: true })
    writeFileSync(folder, '')
  },
  'emptied of its trials': (folder) => {
    rmSync(join(folder, 'trials'), { recursive: true, force: true })
    writeFileSync(join(folder, 'trials'), '')
  },
  'made read-only': (folder, scene) => scene.mount(folder, 'ro,size=64k'),
  'on a full disk': (_, { out }) => fill(join(out, '.somebody-elses')),
}
const forRoot = ['made read-only', 'on a full disk']

export const runFolderLost: FaultClass = {
  name: 'run-folder-lost',
  summary: 'the folder of a run is deleted, replaced, made read-only or full while the run goes on',
  async inject(scene, random) {
    const way = oneOf(
      random,
      Object.keys(ways).filter((name) => !forRoot.includes(name) || mayMount()),
    )
    if (way === 'on a full disk') scene.mount(scene.out, 'size=40m')
    const { args, expectedMs } = someRun(random, scene.out)
    const command = scene.start(bench(...args))
    const atMs = someMoment(random, expectedMs)
    await command.wait(atMs)
    const folder = await folderOf(
      scene,
      () => command.hasEnded(),
      () => command.wait(20),
    )
    if (folder === null || command.hasEnded()) return null
    ways[way]!(folder, scene)
    const seen = await command.ended
    return {
      what: `the folder of the run is ${way} after ${seconds(atMs)} of ${seen.line}`,
      commands: [
        // 0: it had written everything by then.
        { seen, owed: { ends: [ExitCode.pass, ExitCode.harness], names: /results|--out/ } },
      ],
      wrong: unkept(seen),
      runs: 'damaged',
    }
  },
}

/** The folder of the only run. */
async function folderOf(
  { out }: Scene,
  isOver: () => boolean,
  wait: () => Promise<void>,
): Promise<string | null> {
  const latest = join(out, 'latest')
  while (!existsSync(join(latest, 'run.json'))) {
    if (isOver()) return null
    await wait()
  }
  mkdirSync(out, { recursive: true })
  return realpathSync(latest)
}

/** That it says to have saved what is not there. */
function unkept({ end, stderr }: SeenCommand): string[] {
  const folder = /^saved in (.+)$/m.exec(stderr)?.[1]
  if (end !== ExitCode.pass || folder === undefined) return []
  if (!existsSync(join(folder, 'run.json')))
    return [`it says 'saved in ${folder}', where there is no run.json`]
  const { status, trials } = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as {
    status: string
    trials: { experiment: string; id: string; status: string }[]
  }
  const lost = trials.filter(
    (trial) =>
      trial.status === 'done' &&
      !readdirSync(join(folder, 'trials', trial.experiment)).includes(`${trial.id}.json`),
  )
  return [
    ...(status === 'complete' ? [] : [`it ended with 0, and run.json says ${status}`]),
    ...lost.map(({ id }) => `it ended with 0, and the trial ${id} is not there`),
  ]
}
