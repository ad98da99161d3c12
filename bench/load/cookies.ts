/** The cookies of one simulated browser. */
import { Cookie, CookieJar } from 'tough-cookie'

/**
 * A browser ignores a cookie whose name and value together are longer (RFC 6265bis, 5.7), so that the one it would have
 * replaced stays; tough-cookie keeps any.
 */
const maxNameAndValueBytes = 4096

/** Keeps what the server sets and says what to send back. All requests go to one origin and path `/`. */
export class Cookies {
  readonly #origin: string
  #jar = new CookieJar()
  /** The header as of the last change: parsing it anew for each request would cost more than the request. */
  #header: string | undefined
  #goodUntilMs = Number.POSITIVE_INFINITY
  #dropped = 0

  constructor(origin: string) {
    this.#origin = origin
  }

  /** Cookies refused for their size, as a browser would. */
  get dropped(): number {
    return this.#dropped
  }

  /** Takes the values of an answer's `Set-Cookie` headers. */
  receive(setCookie: readonly string[]): void {
    for (const line of setCookie) {
      const cookie = Cookie.parse(line)
      if (cookie === undefined) continue
      if (sizeOf(cookie) > maxNameAndValueBytes) {
        this.#dropped += 1
        continue
      }
      this.#jar.setCookieSync(withFixedExpiry(cookie), this.#origin, { ignoreError: true })
    }
    this.#render()
  }

  /** The value of the `Cookie` header to send now; `undefined` when there is nothing to send. */
  header(): string | undefined {
    if (Date.now() >= this.#goodUntilMs) this.#render()
    return this.#header
  }

  /** The same cookies in another browser, as if they had been stolen or backed up. */
  copy(): Cookies {
    const copy = new Cookies(this.#origin)
    copy.#jar = this.#jar.cloneSync() ?? copy.#jar
    copy.#render()
    return copy
  }

  #render(): void {
    const cookies = this.#jar.getCookiesSync(this.#origin)
    this.#header =
      cookies.length === 0 ? undefined : cookies.map((cookie) => cookie.cookieString()).join('; ')
    this.#goodUntilMs = Math.min(...cookies.map((cookie) => cookie.expiryTime() ?? Number.POSITIVE_INFINITY))
  }
}

/** Max-Age counts from now on, as a point in time; tough-cookie would count it from when the cookie was last used. */
function withFixedExpiry(cookie: Cookie): Cookie {
  if (typeof cookie.maxAge === 'number') {
    cookie.setExpires(new Date(Math.min(Date.now() + cookie.maxAge * 1000, latestDateMs)))
    cookie.maxAge = null
  }
  return cookie
}

/** The last moment that a Date can hold (ECMA-262, 21.4.1.1). */
const latestDateMs = 8.64e15

function sizeOf(cookie: Cookie): number {
  return Buffer.byteLength(cookie.key) + Buffer.byteLength(cookie.value)
}
