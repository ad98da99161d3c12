/** The command `doctor`: what this machine has and lacks. */
import { inspect } from '../binaries/doctor.ts'
import { renderDoctor } from '../binaries/render-doctor.ts'
import { ExitCode } from '../errors.ts'
import type { Terminal } from './terminal.ts'

/** @param resultsDir the folder that runs are written to */
export async function doctorCommand(resultsDir: string, { print, exit }: Terminal): Promise<void> {
  const checks = await inspect({ resultsDir })
  await print(renderDoctor(checks))
  exit(checks.some((check) => check.status === 'missing') ? ExitCode.usage : ExitCode.pass)
}
