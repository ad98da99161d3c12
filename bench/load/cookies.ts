/** The cookies of one simulated browser, all of whose requests go to one origin (RFC 6265bis, 5.7 and 5.8). */
import { defaultPath, domainMatch, pathMatch, getPublicSuffix as registrableDomain } from 'tough-cookie'
import { parseSetCookie, type SetCookie } from './set-cookie.ts'

/** Chromium's limits (`cookie_monster.h`): one more cookie than this, and so many stay. */
const maxCookies = 180
const cookiesAfterPurge = 150
/** A cookie that was sent again within this time counts as used when it was before. */
const useCountsAfterMs = 60_000

interface StoredCookie {
  readonly name: string
  readonly value: string
  /** The domain it is shared with; empty when it is for the host alone. */
  readonly domain: string
  readonly path: string
  readonly secure: boolean
  readonly expiresAtMs: number
  /** Places in the order of all that happened to this browser's cookies; a wall clock would see ties. */
  readonly created: number
  used: number
  usedAtMs: number
}

interface Rendered {
  readonly header: string | undefined
  readonly goodUntilMs: number
}

/** Keeps what the server sets and says what to send back. */
export class Cookies {
  readonly #origin: URL
  /** In the order in which they are sent. */
  #cookies: StoredCookie[] = []
  #paths: readonly string[] = []
  /** By the cookies' paths that match; rendering the header for each request would cost more than the request. */
  readonly #rendered = new Map<string, Rendered>()
  #events = 0

  constructor(origin: URL) {
    this.#origin = origin
  }

  /**
   * Takes the values of an answer's `Set-Cookie` headers.
   * @param target the path that was asked for; a query may follow
   */
  receive(target: string, setCookie: readonly string[]): void {
    const nowMs = Date.now()
    for (const line of setCookie) {
      const cookie = parseSetCookie(line, nowMs)
      if (cookie !== undefined) this.#store(cookie, withoutQuery(target), nowMs)
    }
    this.#paths = [...new Set(this.#cookies.map(({ path }) => path))]
    this.#rendered.clear()
  }

  /**
   * The value of the `Cookie` header to send now; `undefined` when there is nothing to send.
   * @param target the path that is asked for; a query may follow
   */
  header(target: string): string | undefined {
    const paths = this.#matching(target)
    const key = paths.join(';') // which no path contains
    const ready = this.#rendered.get(key)
    if (ready !== undefined && Date.now() < ready.goodUntilMs) return ready.header
    const rendered = this.#render(paths, Date.now())
    this.#rendered.set(key, rendered)
    return rendered.header
  }

  /** The same cookies in another browser, as if they had been stolen or backed up. */
  copy(): Cookies {
    const copy = new Cookies(this.#origin)
    copy.#cookies = this.#cookies.map((cookie) => ({ ...cookie }))
    copy.#paths = this.#paths
    copy.#events = this.#events
    return copy
  }

  #matching(target: string): readonly string[] {
    if (this.#paths.every((path) => path === '/')) return this.#paths
    const requested = withoutQuery(target)
    return this.#paths.filter((path) => pathMatch(requested, path))
  }

  #store(asked: SetCookie, requested: string, nowMs: number): void {
    const domain = sharedDomain(asked.domain, this.#origin.hostname)
    if (domain === undefined || (asked.secure && !isTrustworthy(this.#origin))) return
    const path = asked.path ?? defaultPath(requested)
    const at = this.#cookies.findIndex(
      (cookie) => cookie.name === asked.name && cookie.domain === domain && cookie.path === path,
    )
    const [replaced] = at === -1 ? [] : this.#cookies.splice(at, 1)
    if (asked.expiresAtMs <= nowMs) return
    this.#events += 1
    const cookie: StoredCookie = {
      name: asked.name,
      value: asked.value,
      domain,
      path,
      secure: asked.secure,
      expiresAtMs: asked.expiresAtMs,
      // Chromium lets a cookie keep its place only while its value stays the same; RFC 6265bis, 5.7, always.
      created: replaced?.value === asked.value ? replaced.created : this.#events,
      used: this.#events,
      usedAtMs: nowMs,
    }
    const next = this.#cookies.findIndex((other) => isSentBefore(cookie, other))
    this.#cookies.splice(next === -1 ? this.#cookies.length : next, 0, cookie)
    if (this.#cookies.length > maxCookies) this.#purge(nowMs)
  }

  /** Removes what has expired; if that is not enough, first what is not `Secure`, the longest unused first. */
  #purge(nowMs: number): void {
    this.#cookies = this.#cookies.filter(({ expiresAtMs }) => expiresAtMs > nowMs)
    if (this.#cookies.length <= maxCookies) return
    const leaving = this.#cookies
      .toSorted((a, b) => Number(a.secure) - Number(b.secure) || a.used - b.used || a.created - b.created)
      .slice(0, this.#cookies.length - cookiesAfterPurge)
    this.#cookies = this.#cookies.filter((cookie) => !leaving.includes(cookie))
  }

  #render(paths: readonly string[], nowMs: number): Rendered {
    const sent = this.#cookies.filter(({ path, expiresAtMs }) => expiresAtMs > nowMs && paths.includes(path))
    this.#events += 1
    let goodUntilMs = Number.POSITIVE_INFINITY
    for (const cookie of sent) {
      if (nowMs - cookie.usedAtMs >= useCountsAfterMs) {
        cookie.used = this.#events
        cookie.usedAtMs = nowMs
      }
      goodUntilMs = Math.min(goodUntilMs, cookie.expiresAtMs, cookie.usedAtMs + useCountsAfterMs)
    }
    const header = sent.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ')
    return { header: sent.length === 0 ? undefined : header, goodUntilMs }
  }
}

/** Those with longer paths first, among equals those that are older. */
function isSentBefore(a: StoredCookie, b: StoredCookie): boolean {
  return a.path.length > b.path.length || (a.path.length === b.path.length && a.created < b.created)
}

/**
 * The domain that a cookie may be shared with: `''` for the host alone, `undefined` when the host may not set it. A
 * name that nobody can register (a public suffix, `localhost`, an address) stands for the host alone, if it is the host.
 */
function sharedDomain(attribute: string, host: string): string | undefined {
  const domain = attribute.replace(/^\./, '').toLowerCase()
  if (domain === '') return ''
  if (registrableDomain(domain, { allowSpecialUseDomain: false, ignoreError: true }) === undefined)
    return domain === host ? '' : undefined
  return domainMatch(host, domain, false) ? domain : undefined
}

/** Whether a `Secure` cookie may come from there and go there: over TLS, or without leaving the machine. */
function isTrustworthy({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

function withoutQuery(target: string): string {
  const at = target.indexOf('?')
  return at === -1 ? target : target.slice(0, at)
}
