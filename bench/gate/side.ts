/** The two sides of a gate, and what is known of the strategies of each. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { Service, StrategyInfo } from '../../servers/strategies/strategy.ts'
import type { Driver } from '../cluster/cluster.ts'
import { messageOf, UsageError } from '../errors.ts'

export const sides = ['base', 'head'] as const
export type Side = (typeof sides)[number]

/** One side, ready to start clusters of its own code. */
export interface SideUnderTest {
  readonly side: Side
  readonly driver: Driver
  readonly strategies: readonly StrategyInfo[]
}

/** A side's own description of a strategy; `undefined` when it does not have it. */
export function findStrategy(
  { strategies }: Pick<SideUnderTest, 'strategies'>,
  name: string,
): StrategyInfo | undefined {
  return strategies.find((strategy) => strategy.name === name)
}

/** Something that one side could not do, which the other could. */
export class SideError extends Error {
  override readonly name = 'SideError'
  readonly side: Side
  constructor(side: Side, what: string, cause: unknown) {
    super(`${side}: ${what}: ${messageOf(cause)}`, { cause })
    this.side = side
  }
}

/** A record, so that the compiler asks for every service there is. */
const services: Record<Service, true> = { redis: true, 'redis-aof': true }

const registry = z.object({
  strategies: z.array(
    z.object({
      name: z.string(),
      summary: z.string(),
      needs: z.array(z.enum(Object.keys(services) as Service[])),
      routing: z.enum(['round-robin', 'sticky']),
    }),
  ),
  control: z.object({
    name: z.string(),
    summary: z.string(),
    needs: z.array(z.never()),
    routing: z.literal('round-robin'),
  }),
})

/**
 * The strategies of a checkout, the control among them: its registry is loaded, which loads no client.
 * @throws {UsageError} when it cannot be read, or needs a service that this version cannot start
 */
export async function strategiesOf(side: Side, checkout: string): Promise<StrategyInfo[]> {
  const file = join(checkout, 'servers', 'strategies', 'index.ts')
  try {
    const { strategies, control } = registry.parse(await import(pathToFileURL(file).href))
    return [...strategies, control]
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause)
    throw new UsageError(`the strategies of ${side} cannot be read: ${why}`, { cause })
  }
}
