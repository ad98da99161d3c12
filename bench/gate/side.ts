/** The two sides of a gate, and what is known of the strategies of each. */
import type { StrategyInfo } from '../../servers/strategies/strategy.ts'
import type { Driver } from '../cluster/cluster.ts'
import { messageOf } from '../errors.ts'

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
