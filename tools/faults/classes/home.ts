/** There is no home to keep programs in. */
import { ExitCode } from '../../../bench/errors.ts'
import type { FaultClass } from '../fault.ts'
import { oneOf, someCluster, someRun } from '../subjects.ts'
import { toItsEnd } from '../to-its-end.ts'

/** None of which takes a folder, whoever asks. */
const nowhere = ['/proc', '/proc/self', '/dev/null', '/dev/null/home'] as const

export const homeUnusable: FaultClass = {
  name: 'home-unusable',
  summary: 'HOME or XDG_CACHE_HOME is a place that takes no folders',
  async inject(scene, random) {
    const env = oneOf(random, [
      { HOME: oneOf(random, nowhere), XDG_CACHE_HOME: undefined },
      { XDG_CACHE_HOME: oneOf(random, nowhere) },
      { HOME: oneOf(random, nowhere), XDG_CACHE_HOME: oneOf(random, nowhere) },
    ])
    const args =
      random.int(2) === 0 ? someCluster(random) : someRun(random, scene.out, { shortest: true }).args
    const seen = await toItsEnd(scene, args, { env })
    return {
      what: `${JSON.stringify(env)} for ${seen.line}`,
      // 0: where the programs are in the PATH, nobody needs a home.
      commands: [{ seen, owed: { ends: [ExitCode.pass, ExitCode.usage], names: /XDG_CACHE_HOME|install/ } }],
    }
  },
}
