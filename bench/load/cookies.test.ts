/** Holds the simulated browser's cookies to what a real browser does. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Cookies } from './cookies.ts'

const origin = 'http://127.0.0.1:8080'

// Only the wall clock, which is all that expiry depends on.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000_000 }))
afterEach(() => void vi.useRealTimers())

function cookies(...lines: string[]): Cookies {
  const made = new Cookies(origin)
  made.receive(lines)
  return made
}

test('a new browser sends nothing', () => {
  expect(new Cookies(origin).header()).toBeUndefined()
  expect(cookies().header()).toBeUndefined()
})

test('what was set is sent back without its attributes', () => {
  const jar = cookies('sid=abc; Path=/; HttpOnly; SameSite=Lax', 'sid.sig=x-y_z; Path=/; HttpOnly')
  expect(jar.header()).toBe('sid=abc; sid.sig=x-y_z')
})

test('a later cookie of the same name replaces the earlier one, and only that', () => {
  const jar = cookies('sid=old; Path=/', 'route=replica-1; Path=/')
  jar.receive(['sid=new; Path=/'])
  expect(jar.header()?.split('; ').sort()).toEqual(['route=replica-1', 'sid=new'])
})

test('a cookie is dropped by an expiry in the past and by Max-Age=0', () => {
  const jar = cookies('a=1; Path=/', 'b=2; Path=/', 'c=3; Path=/')
  jar.receive(['a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'b=; Path=/; Max-Age=0'])
  expect(jar.header()).toBe('c=3')
})

test.each([
  ['Expires', () => `Expires=${new Date(Date.now() + 60_000).toUTCString()}`],
  ['Max-Age', () => 'Max-Age=60'],
  ['Max-Age, which outranks Expires', () => `Expires=${new Date(0).toUTCString()}; Max-Age=60`],
])('a cookie is sent up to its time and not after it (%s)', (_, attribute) => {
  const jar = cookies(`sid=abc; Path=/; ${attribute()}`, 'other=stays; Path=/')
  vi.setSystemTime(Date.now() + 59_000)
  expect(jar.header()).toBe('sid=abc; other=stays')
  vi.setSystemTime(Date.now() + 1_001)
  expect(jar.header()).toBe('other=stays')
})

test('being used does not lengthen the life of a cookie', () => {
  const jar = cookies('sid=abc; Path=/; Max-Age=60')
  vi.setSystemTime(Date.now() + 50_000)
  jar.receive(['other=1; Path=/'])
  expect(jar.header()).toBe('sid=abc; other=1')
  vi.setSystemTime(Date.now() + 20_000)
  expect(jar.header()).toBe('other=1')
})

test('a cookie of 4096 bytes is kept, one of 4097 is not (RFC 6265bis, 5.7)', () => {
  const fits = `sid=${'x'.repeat(4096 - 3)}; Path=/; HttpOnly; SameSite=Lax`
  const kept = cookies(fits)
  expect(kept.header()).toHaveLength(4097)
  expect(kept.dropped).toBe(0)
  const refused = cookies(`sid=x${fits.slice('sid='.length)}`)
  expect(refused.header()).toBeUndefined()
  expect(refused.dropped).toBe(1)
})

test('bytes are counted, not characters', () => {
  expect(cookies(`sid=${'ü'.repeat(2047)}; Path=/`).dropped).toBe(1)
})

test('an oversized cookie is ignored entirely: the one it would have replaced stays', () => {
  const jar = cookies('sid=small; Path=/')
  jar.receive([`sid=${'x'.repeat(5000)}; Path=/`, 'sid.sig=of-the-large-one; Path=/'])
  expect(jar.header()).toBe('sid=small; sid.sig=of-the-large-one')
  expect(jar.dropped).toBe(1)
})

test('a line that is no cookie is ignored', () => {
  expect(cookies('', ';;;', 'sid=abc; Path=/').header()).toBe('sid=abc')
})

test('a copy holds what its original held, and each goes its own way', () => {
  const original = cookies('sid=abc; Path=/; Max-Age=60')
  const copy = original.copy()
  expect(copy.header()).toBe('sid=abc')
  original.receive(['sid=; Path=/; Max-Age=0'])
  expect(original.header()).toBeUndefined()
  expect(copy.header()).toBe('sid=abc')
  copy.receive(['stolen=1; Path=/'])
  expect(original.header()).toBeUndefined()
  vi.setSystemTime(Date.now() + 61_000)
  expect(copy.header()).toBe('stolen=1')
})
