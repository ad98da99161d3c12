/** A program that clusters are made of is there and no good, and there are no packages to fetch another from. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requirements } from '../../../bench/binaries/binary.ts'
import { ExitCode } from '../../../bench/errors.ts'
import type { FaultClass } from '../fault.ts'
import { oneOf, someCluster, someRun } from '../subjects.ts'
import { toItsEnd } from '../to-its-end.ts'

/** What stands in a program's place. */
const impostors: Record<string, string | null> = {
  'not there': null,
  empty: '',
  'half a program': '\u007fELF\u0002\u0001\u0001',
  'not a program': 'hello',
  'of another interpreter': '#!/nonexistent/sh\n',
  'one that fails': '#!/bin/sh\necho "error while loading shared libraries: libx.so.1" >&2\nexit 127\n',
  'one that says nothing': '#!/bin/sh\nexit 0\n',
  'one that babbles': '#!/bin/sh\nhead -c 100000 /dev/urandom\n',
  'one that dies': '#!/bin/sh\nkill -SEGV $$\n',
  'too old': '#!/bin/sh\necho "nginx version: nginx/1.2.3" >&2\necho "Redis server v=3.0.1 sha=0"\n',
}

export const programsMissing: FaultClass = {
  name: 'programs-missing',
  summary: 'nginx or redis-server is missing, broken, too old or something else',
  async inject(scene, random) {
    const name = oneOf(random, ['nginx', 'redis-server'] as const)
    const how = oneOf(random, Object.keys(impostors))
    const isExecutable = random.int(4) > 0
    const folder = join(scene.path, 'programs')
    mkdirSync(folder)
    const path = join(folder, name)
    const text = impostors[how]
    if (typeof text === 'string') {
      writeFileSync(path, text)
      chmodSync(path, isExecutable ? 0o755 : 0o644)
    }
    const byVariable = random.int(2) === 0
    const env = byVariable
      ? { [requirements[name].variable]: path }
      : // Nothing else is found, nor fetched; the harness itself is started by its full path.
        { PATH: folder, XDG_CACHE_HOME: join(scene.path, 'cache') }
    const args =
      random.int(2) === 0 ? someCluster(random) : someRun(random, scene.out, { shortest: true }).args
    const seen = await toItsEnd(scene, args, { env })
    return {
      what: `${name} ${how}${isExecutable ? '' : ', not executable'} ${byVariable ? 'by its variable' : 'in the PATH'} for ${seen.line}`,
      commands: [
        {
          seen,
          // 0: it may be found elsewhere.
          owed: {
            ends: [...(byVariable ? [] : [ExitCode.pass]), ExitCode.usage],
            names: /nginx|redis-server/,
          },
        },
      ],
    }
  },
}
