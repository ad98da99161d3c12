/** Nobody takes what a command prints: the disk behind stdout is full, or its reader has gone. */
import { existsSync } from 'node:fs'
import { ExitCode } from '../../../bench/errors.ts'
import type { Random } from '../../../bench/stats/random.ts'
import type { Campaign, FaultClass } from '../fault.ts'
import { bench, type Scene } from '../scene.ts'
import { oneOf, someRun } from '../subjects.ts'

/** A command that has something to print. */
async function somePrinter(scene: Scene, random: Random, campaign: Campaign): Promise<readonly string[]> {
  switch (oneOf(random, ['run', 'report', 'compare', 'list', 'help'] as const)) {
    case 'run':
      return someRun(random, scene.out, { shortest: true }).args
    case 'report':
      return ['report', (await campaign.savedRun()).path]
    case 'compare': {
      const run = (await campaign.savedRun()).path
      return ['compare', run, run]
    }
    case 'list':
      return ['list']
    case 'help':
      return ['--help']
  }
}

export const outputFull: FaultClass = {
  name: 'output-full',
  summary: 'stdout is a full disk (/dev/full)',
  missing: () => (existsSync('/dev/full') ? null : 'there is no /dev/full'),
  async inject(scene, random, campaign) {
    const args = await somePrinter(scene, random, campaign)
    const seen = await scene.start(bench(...args), { through: 'exec "$@" >/dev/full' }).ended
    return {
      what: seen.line,
      commands: [{ seen, owed: { ends: [ExitCode.harness], names: /stdout|output|space/i } }],
    }
  },
}

export const outputClosed: FaultClass = {
  name: 'output-closed',
  summary: 'whoever reads stdout leaves (`| head`), or it was closed from the start',
  async inject(scene, random, campaign) {
    const args = await somePrinter(scene, random, campaign)
    const after = random.int(2) === 0 ? 0 : random.int(4_000)
    const how = oneOf(random, ['leaves', 'closed', 'both closed'] as const)
    const seen = await scene.start(bench(...args), {
      ...(how === 'leaves' ? { readerLeavesAfter: after } : {}),
      ...(how === 'closed' ? { through: 'exec "$@" >&-' } : {}),
      ...(how === 'both closed' ? { through: 'exec "$@" >&- 2>&-' } : {}),
    }).ended
    return {
      what: how === 'leaves' ? `${seen.line}, whose reader leaves after ${after} characters` : seen.line,
      commands: [{ seen, owed: { ends: [ExitCode.pass], unheard: true } }],
    }
  },
}
