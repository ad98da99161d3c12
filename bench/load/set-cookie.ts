/** Reads one `Set-Cookie` line as a browser does (RFC 6265bis, 5.6; Chromium where it differs). */
import { parseDate } from 'tough-cookie'

/** Name and value together; a longer cookie is ignored, so that the one it would have replaced stays. */
const maxPairBytes = 4096
/** The value of an attribute; a longer one is ignored as if it had not been there. */
const maxAttributeBytes = 1024
/** However long a server wants its cookie to be kept. */
const maxAgeMs = 400 * 24 * 60 * 60 * 1000

/** What a line asks for. */
export interface SetCookie {
  /** Empty when the line has a value only. */
  readonly name: string
  readonly value: string
  /** Since 1970; `Infinity` when the cookie is to live as long as the browser. */
  readonly expiresAtMs: number
  /** As written; empty when the cookie is for the host alone. */
  readonly domain: string
  /** As written; `undefined` when the path of the request decides. */
  readonly path: string | undefined
  readonly secure: boolean
  readonly httpOnly: boolean
}

/**
 * @param line one byte a character, as HTTP clients hand headers over, so that its length is its size
 * @returns `undefined` when a browser ignores the line, whoever sent it
 */
export function parseSetCookie(line: string, nowMs: number): SetCookie | undefined {
  const [pair = '', ...rest] = line.split(';')
  const { name, value } = pair.includes('=') ? nameAndValue(pair) : { name: '', value: trim(pair) }
  if (name.length + value.length > maxPairBytes || hasControl(name) || hasControl(value)) return undefined
  // Sent back, a value with `=` and no name would be another cookie.
  if (name === '' && (value === '' || value.includes('='))) return undefined

  const attributes = new Map<string, string>()
  for (const text of rest) {
    const attribute = nameAndValue(text)
    if (hasControl(attribute.name) || hasControl(attribute.value)) return undefined
    // The last of a name counts, even if it makes no sense.
    if (attribute.value.length <= maxAttributeBytes)
      attributes.set(attribute.name.toLowerCase(), attribute.value)
  }
  const path = attributes.get('path')
  const cookie: SetCookie = {
    name,
    value,
    expiresAtMs: expiry(attributes.get('max-age'), attributes.get('expires'), nowMs),
    domain: attributes.get('domain') ?? '',
    path: path?.startsWith('/') ? path : undefined,
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
  }
  const forOtherSites = attributes.get('samesite')?.toLowerCase() === 'none' || attributes.has('partitioned')
  return (forOtherSites && !cookie.secure) || !keepsPromise(cookie) ? undefined : cookie
}

/** Whether the cookie is what its name says, if it has one of the prefixes that promise something. */
function keepsPromise({ name, value, secure, httpOnly, domain, path }: SetCookie): boolean {
  const prefix = /^__(secure|http|host-http|host)-/i.exec(name || value)?.[1]?.toLowerCase()
  if (prefix === undefined) return true
  // A server could not tell such a value from a name.
  if (name === '' || !secure) return false
  if (prefix.startsWith('host') && (domain !== '' || path !== '/')) return false
  return httpOnly || !prefix.endsWith('http')
}

function expiry(maxAge: string | undefined, expires: string | undefined, nowMs: number): number {
  const asked =
    maxAge !== undefined && /^-?\d+$/.test(maxAge)
      ? nowMs + Number(maxAge) * 1000
      : parseDate(expires)?.getTime()
  return asked === undefined ? Number.POSITIVE_INFINITY : Math.min(asked, nowMs + maxAgeMs)
}

function nameAndValue(text: string): { name: string; value: string } {
  const at = text.indexOf('=')
  return at === -1
    ? { name: trim(text), value: '' }
    : { name: trim(text.slice(0, at)), value: trim(text.slice(at + 1)) }
}

/** Without the spaces and tabs around it; `String.trim` would also take the last byte of an `à`. */
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text[start])) start += 1
  while (start < end && isBlank(text[end - 1])) end -= 1
  return text.slice(start, end)
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}

function hasControl(text: string): boolean {
  return /[^ -~\x80-\uffff]/.test(text)
}
