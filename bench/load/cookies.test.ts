/** Holds the simulated browser's cookies to the table of what browsers do, and to what only a clock can show. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Cookies } from './cookies.ts'
import { type CookieRule, cookieRules } from './testing/cookie-rules.ts'

const origin = new URL('http://127.0.0.1:8080')

// Only the wall clock, which is all that expiry depends on.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000_000 }))
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => void vi.setSystemTime(Date.now() + ms)

function cookies(...lines: string[]): Cookies {
  const made = new Cookies(origin)
  made.receive('/', lines)
  return made
}

/** HTTP clients hand each byte over as one character, and take it back so. */
const toBytes = (text: string) => Buffer.from(text).toString('latin1')
const fromBytes = (text: string) => Buffer.from(text, 'latin1').toString()

describe.each(Object.entries(cookieRules))('%s', (_, rules) => {
  test.each<CookieRule>(rules)('$rule', ({ host, visits, sent }) => {
    const jar = new Cookies(new URL(`http://${host ?? '127.0.0.1'}:8080`))
    for (const [path, ...lines] of visits) {
      jar.header(path)
      jar.receive(path, lines.map(toBytes))
    }
    const found = Object.keys(sent).map((path) => [path, fromBytes(jar.header(path) ?? '')])
    expect(Object.fromEntries(found)).toEqual(sent)
  })
})

test('a new browser sends nothing', () => {
  expect(new Cookies(origin).header('/')).toBeUndefined()
  expect(cookies().header('/')).toBeUndefined()
})

test('Secure is kept over https anywhere', () => {
  const jar = new Cookies(new URL('https://shop.test'))
  jar.receive('/', ['__Host-a=1; Secure; Path=/'])
  expect(jar.header('/')).toBe('__Host-a=1')
})

test.each([
  ['Expires', () => `Expires=${new Date(Date.now() + 60_000).toUTCString()}`],
  ['Max-Age', () => 'Max-Age=60'],
  ['Max-Age, which outranks Expires', () => `Expires=${new Date(0).toUTCString()}; Max-Age=60`],
])('a cookie is sent up to its time and not after it (%s)', (_, attribute) => {
  const jar = cookies(`sid=abc; Path=/; ${attribute()}`, 'other=stays; Path=/')
  pass(59_000)
  expect(jar.header('/')).toBe('sid=abc; other=stays')
  pass(1_000)
  expect(jar.header('/')).toBe('other=stays')
})

test('being used does not lengthen the life of a cookie', () => {
  const jar = cookies('sid=abc; Path=/; Max-Age=60')
  pass(50_000)
  jar.receive('/', ['other=1; Path=/'])
  expect(jar.header('/')).toBe('sid=abc; other=1')
  pass(20_000)
  expect(jar.header('/')).toBe('other=1')
})

test.each(['Max-Age=999999999999', 'Expires=Thu, 01 Jan 2099 00:00:00 GMT'])(
  'no server keeps a cookie longer than 400 days (%s)',
  (attribute) => {
    const jar = cookies(`a=1; ${attribute}`, 'b=2')
    pass(400 * 24 * 3_600_000 - 1)
    expect(jar.header('/')).toBe('a=1; b=2')
    pass(1)
    expect(jar.header('/')).toBe('b=2')
  },
)

const numbered = (from: number, to: number, attributes: string) =>
  Array.from({ length: to - from }, (_, at) => `c${from + at}=1; ${attributes}`)
const sentTo = (jar: Cookies, path: string) => jar.header(path)?.split('; ') ?? []

test.each([
  ['counts as use, so that others leave', 60_000, { x: 10, y: 140 }],
  ['does not count as use before that', 59_999, { x: 0, y: 150 }],
])('to be sent a minute later %s', (_, laterMs, left) => {
  const jar = cookies(...numbered(0, 10, 'Path=/x'), ...numbered(10, 180, 'Path=/y'))
  pass(laterMs)
  jar.header('/x')
  jar.receive('/', ['c180=1; Path=/y'])
  expect({ x: sentTo(jar, '/x').length, y: sentTo(jar, '/y').length }).toEqual(left)
})

test('a server that sets cookies without end gets no more room for them than a browser has', () => {
  const jar = cookies()
  for (let at = 0; at < 10_000; at += 1) {
    jar.receive('/', [`c${at}=${'x'.repeat(4_000)}; Path=/${at % 300}`, `n${at}=1`])
    jar.header(`/${at % 300}`)
  }
  expect(sentTo(jar, '/').length).toBeLessThanOrEqual(180)
  expect(
    new Set(Array.from({ length: 300 }, (_, at) => sentTo(jar, `/${at}`)).flat()).size,
  ).toBeLessThanOrEqual(180)
})

test('what has expired leaves before anything else does', () => {
  const jar = cookies('old=1', ...numbered(0, 179, 'Max-Age=60'))
  pass(60_000)
  jar.receive('/', ['new=1'])
  expect(sentTo(jar, '/')).toEqual(['old=1', 'new=1'])
})

test('a copy holds what its original held, and each goes its own way', () => {
  const original = cookies('sid=abc; Path=/; Max-Age=60')
  const copy = original.copy()
  expect(copy.header('/')).toBe('sid=abc')
  original.receive('/', ['sid=; Path=/; Max-Age=0'])
  expect(original.header('/')).toBeUndefined()
  expect(copy.header('/')).toBe('sid=abc')
  copy.receive('/', ['stolen=1; Path=/'])
  expect(original.header('/')).toBeUndefined()
  pass(61_000)
  expect(copy.header('/')).toBe('stolen=1')
})
