/** Turns what was typed into values, or says what is wrong with it, what was expected and what was probably meant. */
import { distance } from 'fastest-levenshtein'
import { UsageError } from './errors.ts'

export const defaultReplicas = 3
/** More replicas than this are a typing error, not a question for one machine. */
export const mostReplicas = 32
const mostUsers = 100_000

/**
 * The entry of a registry that a name means.
 * @param kind for the message, e.g. `strategy`
 * @throws {UsageError} naming the nearest one
 */
export function named<T extends { readonly name: string }>(
  kind: string,
  name: string,
  entries: readonly T[],
): T {
  const found = entries.find((entry) => entry.name === name)
  if (found !== undefined) return found
  const names = entries.map((entry) => entry.name)
  const nearest = names.toSorted((a, b) => distance(name, a) - distance(name, b))[0]
  const isClose = nearest !== undefined && distance(name, nearest) <= Math.max(2, nearest.length / 3)
  const hint = isClose ? ` Did you mean '${nearest}'?` : ''
  throw new UsageError(`unknown ${kind} '${name}'; expected one of ${names.join(', ')}.${hint}`)
}

/**
 * The entries that a comma-separated list names, in the order of the registry, each once.
 * @throws {UsageError}
 */
export function namedList<T extends { readonly name: string }>(
  kind: string,
  list: string | undefined,
  entries: readonly T[],
): T[] {
  if (list === undefined) return [...entries]
  const names = list.split(',').map((name) => name.trim())
  const wanted = new Set(names.map((name) => named(kind, name, entries)))
  return entries.filter((entry) => wanted.has(entry))
}

/** @throws {UsageError} */
export const replicaCount = (text: string) => wholeNumber('--replicas', text, 1, mostReplicas)
/** @throws {UsageError} */
export const userCount = (text: string) => wholeNumber('--users', text, 2, mostUsers)
/** @throws {UsageError} */
export const pairCount = (text: string) => wholeNumber('--pairs', text, 2, 1_000)
/** @throws {UsageError} */
export const seedNumber = (text: string) => wholeNumber('--seed', text, 0, 2 ** 32 - 1)
/** @throws {UsageError} */
export const portNumber = (text: string) => wholeNumber('--port', text, 1, 65_535)

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new UsageError(`${option} is '${text}'; expected a whole number from ${least} to ${most}`)
}
