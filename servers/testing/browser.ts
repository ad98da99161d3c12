/** A visitor for tests: sends requests with the cookies it was given, as a browser would. */
import { Cookie, CookieJar } from 'tough-cookie'

/** A request that has no answer by then hangs. It is a limit of patience, nothing is measured with it. */
const HANGING_MS = 10_000

/** What came back for one request. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The body, from JSON; `undefined` if empty. */
  readonly body: Record<string, unknown> | undefined
  /** The cookies that the answer set or cleared. */
  readonly setCookies: readonly Cookie[]
}

/** One visitor of one or more replicas; all of 127.0.0.1 shares its cookies, whatever the port. */
export class Browser {
  readonly jar = new CookieJar()
  #origin: string

  constructor(origin: string) {
    this.#origin = origin
  }

  /** Goes on at another replica with the same cookies. */
  moveTo(origin: string): void {
    this.#origin = origin
  }

  get(path: string): Promise<Answer> {
    return this.send(path, {})
  }

  /** @param body is sent as JSON; absent: no body */
  post(path: string, body?: unknown): Promise<Answer> {
    if (body === undefined) return this.send(path, { method: 'POST' })
    return this.send(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  }

  async send(path: string, init: RequestInit): Promise<Answer> {
    const url = new URL(path, this.#origin)
    const headers = new Headers(init.headers)
    const cookies = this.jar.getCookieStringSync(url.href)
    if (cookies !== '') headers.set('cookie', cookies)
    const response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(HANGING_MS) })
    const setCookies = response.headers.getSetCookie().map((text) => Cookie.parse(text)!)
    for (const cookie of setCookies) this.jar.setCookieSync(cookie, url.href)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
      setCookies,
    }
  }

  /** The cookies it would send now, by name. */
  cookies(): Record<string, string> {
    return Object.fromEntries(
      this.jar.getCookiesSync(this.#origin).map((cookie) => [cookie.key, cookie.value]),
    )
  }

  /** Plants a cookie as an attacker might. */
  plant(name: string, value: string): void {
    this.jar.setCookieSync(new Cookie({ key: name, value, path: '/' }), this.#origin)
  }
}
