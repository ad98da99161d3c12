/** Which strategies a side of a gate has, in its own words. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Service, StrategyInfo } from '../../servers/strategies/strategy.ts'
import { lastLines } from '../cluster/last-lines.ts'
import { messageOf, UsageError } from '../errors.ts'
import { name, text } from '../record/values.ts'
import type { Side } from './side.ts'

/** A record, so that the compiler asks for every service there is. */
const services: Record<Service, true> = { redis: true, 'redis-aof': true }

const registry = z.object({
  strategies: z.array(
    z.object({
      name,
      summary: text,
      needs: z.array(z.enum(Object.keys(services) as Service[])),
      routing: z.enum(['round-robin', 'sticky']),
    }),
  ),
  control: z.object({ name, summary: text, needs: z.array(z.never()), routing: z.literal('round-robin') }),
})

/** The strategies of a checkout. */
export interface Registry {
  readonly strategies: readonly StrategyInfo[]
  readonly control: StrategyInfo
}

const printer = fileURLToPath(new URL('print-registry.ts', import.meta.url))
/** Loading it takes a tenth of a second. */
const answersWithinMs = 20_000
const longestAnswer = 2 ** 20

/**
 * Asks a process of its own, since what is judged must not be loaded by what judges it.
 * @param checkout the folder that holds `servers/`
 * @throws {UsageError} when it cannot be read, or needs a service that this version cannot start
 */
export async function readRegistry(side: Side, checkout: string, signal?: AbortSignal): Promise<Registry> {
  try {
    const answer = await ask(join(checkout, 'servers', 'strategies', 'index.ts'), signal)
    return registry.parse(JSON.parse(answer))
  } catch (cause) {
    signal?.throwIfAborted()
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause)
    throw new UsageError(`the strategies of ${side} cannot be read: ${why}`, { cause })
  }
}

/** What the printer answers for this file. @throws Error when it does not */
function ask(file: string, signal: AbortSignal | undefined): Promise<string> {
  const options = {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '' }, // nothing that is secret in CI
    timeout: answersWithinMs,
    killSignal: 'SIGKILL',
    maxBuffer: longestAnswer,
    ...(signal === undefined ? {} : { signal }),
  } as const
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [printer, file], options, (error, stdout, stderr) => {
      if (error === null && stdout !== '') return resolve(stdout)
      const how =
        error === null
          ? 'loading it ended the process (exit code 0)'
          : error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
            ? `it writes more than ${longestAnswer} bytes`
            : error.killed
              ? `it was not loaded within ${answersWithinMs / 1000} s`
              : `loading it failed (${error.signal ?? `exit code ${error.code}`})`
      reject(new Error(`${how}; its last words:\n${lastLines(stderr)}`, { cause: error }))
    })
  })
}
