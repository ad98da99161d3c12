/** Debian's Chromium for tests, and what one visitor of it sends. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium } from 'playwright-core'
import type { CookieRule } from './cookie-rules.ts'

export type Chromium = Awaited<ReturnType<typeof openChromium>>

/** Set where a test without Chromium has to fail. */
export const chromiumRequired = process.env.SESSIONBENCH_REQUIRE_CHROMIUM === '1'

const exclusions = ['localhost', '*.localhost', '127.0.0.1', '::1']
  .map((host) => `EXCLUDE ${host}`)
  .join(', ')

/** Starts Chromium, which resolves `*.test` to this machine and knows no other host but loopback. */
export async function openChromium(executablePath: string) {
  const browser = await chromium.launch({
    executablePath,
    args: [`--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, ${exclusions}`],
  })
  return {
    version: browser.version(),

    /** Pays the visits of a row in a fresh profile; what it then sends to the row's paths, as `sent` tells. */
    async sent({ host = '127.0.0.1', visits, sent }: CookieRule): Promise<Record<string, string>> {
      await using site = await serve(
        visits.map(([, ...lines]) => lines),
        host,
      )
      await using context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(site.url)
      const requests = [...visits.map(([path]) => path), ...Object.keys(sent)]
      const received = await page.evaluate(async (paths) => {
        const texts: string[] = []
        for (const [at, path] of paths.entries()) {
          const answer = await fetch(path, { headers: { 'x-visit': String(at) } })
          texts.push(await answer.text())
        }
        return texts
      }, requests)
      return Object.fromEntries(Object.keys(sent).map((path, at) => [path, received[visits.length + at]!]))
    },

    [Symbol.asyncDispose]: () => browser.close(),
  }
}

/** A server that answers each visit with its lines, and with the Cookie header that came as the body. */
async function serve(linesOfVisits: readonly (readonly string[])[], host: string) {
  const server = createServer((request, response) => {
    const lines = linesOfVisits[Number(request.headers['x-visit'])] ?? []
    const cookie = Buffer.from(request.headers.cookie ?? '', 'latin1')
    // By hand, since Node refuses to send control characters, which is what some rows are about.
    const head = [
      'HTTP/1.1 200 OK',
      'Cache-Control: no-store',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${cookie.length}`,
      'Connection: close',
      ...lines.map((line) => `Set-Cookie: ${line}`),
    ]
    response.socket?.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), cookie]))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host === '[::1]' ? '::1' : '127.0.0.1', resolve)
  })
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
