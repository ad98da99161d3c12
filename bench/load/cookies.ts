/** The cookies of one simulated browser. */
import { type Cookie, CookieJar } from 'tough-cookie'

/** Browsers drop a cookie whose name and value together are longer (RFC 6265bis, 5.7); tough-cookie keeps it. */
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
      const cookie = this.#jar.setCookieSync(line, this.#origin, { ignoreError: true })
      if (cookie !== undefined && sizeOf(cookie) > maxNameAndValueBytes) this.#drop(cookie)
    }
    this.#render()
  }

  /** The value of the `Cookie` header to send now; `undefined` when there is nothing to send. */
  header(nowMs = Date.now()): string | undefined {
    if (nowMs >= this.#goodUntilMs) this.#render()
    return this.#header
  }

  /** The same cookies in another browser, as if they had been stolen or backed up. */
  copy(): Cookies {
    const copy = new Cookies(this.#origin)
    copy.#jar = this.#jar.cloneSync() ?? copy.#jar
    copy.#render()
    return copy
  }

  #drop(cookie: Cookie): void {
    this.#dropped += 1
    this.#jar.setCookieSync(`${cookie.key}=; Max-Age=0; Path=${cookie.path ?? '/'}`, this.#origin)
  }

  #render(): void {
    const cookies = this.#jar.getCookiesSync(this.#origin)
    this.#header =
      cookies.length === 0 ? undefined : cookies.map((cookie) => cookie.cookieString()).join('; ')
    this.#goodUntilMs = Math.min(...cookies.map((cookie) => cookie.expiryTime() ?? Number.POSITIVE_INFINITY))
  }
}

function sizeOf(cookie: Cookie): number {
  return Buffer.byteLength(cookie.key) + Buffer.byteLength(cookie.value)
}
