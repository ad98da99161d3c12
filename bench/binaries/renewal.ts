/** When a fetched program is fetched anew: packages get mended, and nobody else would ever update it. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What is known of a tree in the cache. */
export interface FetchDates {
  /** `null` where it is not known, and so long ago. */
  readonly fetched: Date | null
  /** When somebody last failed to fetch it anew. */
  readonly tried: Date | null
}

const dayMs = 24 * 3_600_000
/** How long a fetched program is used. */
export const renewAfterDays = 30
/** Without a network, a failure each day is enough. */
const tryAgainAfterDays = 1

const files: Readonly<Record<keyof FetchDates, string>> = { fetched: '.fetched', tried: '.renewal-tried' }

export async function readDates(tree: string): Promise<FetchDates> {
  const [fetched, tried] = await Promise.all([readDate(tree, 'fetched'), readDate(tree, 'tried')])
  return { fetched, tried }
}

/** Writes down that it was fetched, or that this was tried in vain. */
export async function writeDate(tree: string, what: keyof FetchDates, date: Date): Promise<void> {
  await writeFile(join(tree, files[what]), `${date.toISOString()}\n`, { mode: 0o600 })
}

/** Whether it was fetched too long ago. A date to come is as good as none. */
export function isOld({ fetched }: FetchDates, now: Date): boolean {
  return !isWithin(fetched, renewAfterDays, now)
}

/** Whether it is old, and nobody has tried to renew it of late. */
export function isDue(dates: FetchDates, now: Date): boolean {
  return isOld(dates, now) && !isWithin(dates.tried, tryAgainAfterDays, now)
}

/** `today`, `1 day ago`, `31 days ago`, `at an unknown time`. */
export function since(date: Date | null, now: Date): string {
  if (date === null) return 'at an unknown time'
  const days = Math.floor((now.getTime() - date.getTime()) / dayMs)
  return days < 1 ? 'today' : `${days} ${days === 1 ? 'day' : 'days'} ago`
}

function isWithin(date: Date | null, days: number, now: Date): boolean {
  if (date === null) return false
  const age = now.getTime() - date.getTime()
  return age >= 0 && age <= days * dayMs
}

async function readDate(tree: string, what: keyof FetchDates): Promise<Date | null> {
  const text = await readFile(join(tree, files[what]), 'utf8').catch(() => '')
  const date = new Date(text.trim())
  return Number.isNaN(date.getTime()) ? null : date
}
