/** Chooses the addresses of a cluster's networks, without using up the few that the Engine hands out by itself. */
import { randomInt } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { EnvironmentError } from '../errors.ts'

/**
 * 198.18.0.0/15 is set apart for benchmarks (RFC 2544, RFC 6890) and routed nowhere. Of it, 198.19.0 is the default of
 * docker-compose.yml, and 198.19.249 is taken by OrbStack.
 */
const candidates = Array.from({ length: 240 }, (_, index) => `198.19.${index + 1}`)

/** Prefixes handed out by this process: two clusters that start at the same time must not get the same one. */
const taken = new Set<string>()

/** A prefix of three numbers, e.g. `198.19.7`, that no network of this machine uses. Dispose it when they are gone. */
export interface Subnet extends Disposable {
  readonly prefix: string
}

/**
 * @param refused prefixes that the Engine would not have
 * @throws {EnvironmentError} when all are in use
 */
export function chooseSubnet(refused: ReadonlySet<string>): Subnet {
  const inUse = new Set(
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address }) => address.split('.').slice(0, 3).join('.')),
  )
  const free = candidates.filter((prefix) => !taken.has(prefix) && !inUse.has(prefix) && !refused.has(prefix))
  if (free.length === 0) {
    throw new EnvironmentError(
      'no free addresses for a cluster in 198.19.0.0/16; remove networks that are not needed',
    )
  }
  const prefix = free[randomInt(free.length)]!
  taken.add(prefix)
  return { prefix, [Symbol.dispose]: () => taken.delete(prefix) }
}
