/** Holds the table of what browsers do with cookies to a real one. */
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { candidates, searchDirs } from '../binaries/search-path.ts'
import { type Chromium, chromiumRequired, openChromium } from './testing/chromium.ts'
import { cookieRules } from './testing/cookie-rules.ts'

const [program] = await candidates('chromium', searchDirs(process.env))
/** Many containers have no loopback of IPv6. */
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)

if (program !== undefined) describe('Chromium', () => inChromium(program))
else {
  const missing = 'there is no chromium in the PATH (Debian: apt-get install chromium)'
  // Not silently left out: reporters that do not show the titles of skipped tests show this line.
  console.warn(`cookies in Chromium not run: ${missing}`)
  describe.skipIf(!chromiumRequired)('Chromium', () =>
    test(`not run: ${missing}`, () => expect.fail(missing)),
  )
}

function inChromium(executablePath: string): void {
  let browser: Chromium
  beforeAll(async () => {
    browser = await openChromium(executablePath)
  })
  afterAll(() => browser?.[Symbol.asyncDispose]())

  for (const [about, rules] of Object.entries(cookieRules)) {
    describe(about, () => {
      for (const row of rules) {
        test.skipIf(row.host === '[::1]' && !hasIpv6)(row.rule, async () => {
          expect(await browser.sent(row), `Chromium ${browser.version}`).toEqual(row.chromium ?? row.sent)
        })
      }
    })
  }
}
