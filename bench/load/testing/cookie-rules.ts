/**
 * What a browser keeps and sends, a rule a row. Each row holds for the simulated browser, and for Chromium where there
 * is one; where RFC 6265bis or Chromium itself differs, the row says so.
 */

/** One request, and the `Set-Cookie` lines of its answer. */
export type Visit = readonly [path: string, ...lines: string[]]

export interface CookieRule {
  readonly rule: string
  readonly visits: readonly Visit[]
  /** What is sent to each path after the visits; empty when there is no Cookie header. */
  readonly sent: Readonly<Record<string, string>>
  /** Whom the visits go to; absent: 127.0.0.1. */
  readonly host?: string
  /** What RFC 6265bis says instead. */
  readonly rfc?: string
  /** What Chromium sends instead, where the simulated browser does not follow it. */
  readonly chromium?: Readonly<Record<string, string>>
}

/** Not loopback, so that it counts as insecure; tests have to resolve `*.test` to this machine. */
const insecure = 'shop.test'
const longAgo = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'
const farAway = 'Expires=Thu, 01 Jan 2099 00:00:00 GMT'
const x = (times: number) => 'x'.repeat(times)
/** `c0=1; …` without its attributes, from one number to before another. */
const pairs = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => `c${from + at}=1`).join('; ')
const lines = (from: number, to: number, attributes = '') =>
  Array.from({ length: to - from }, (_, at) => `c${from + at}=1${attributes}`)

// biome-ignore format: a row is read at a glance
const paths: readonly CookieRule[] = [
  { rule: 'what was set is sent back without its attributes',
    visits: [['/', 'sid=abc; Path=/; HttpOnly; SameSite=Lax', 'sid.sig=x-y_z; httponly']], sent: { '/': 'sid=abc; sid.sig=x-y_z' } },
  { rule: 'a path covers itself and what is below it, not what begins alike',
    visits: [['/', 'a=1; Path=/shop']], sent: { '/': '', '/shop': 'a=1', '/shop/': 'a=1', '/shop/cart': 'a=1', '/shop?q=/': 'a=1', '/shopping': '', '/Shop': '' } },
  { rule: 'a path that ends in a slash covers only what is below it',
    visits: [['/', 'a=1; Path=/shop/']], sent: { '/shop': '', '/shop/': 'a=1', '/shop/cart': 'a=1' } },
  { rule: 'the default path is that of the request up to its last slash',
    visits: [['/a/b/login', 'a=1']], sent: { '/a/b': 'a=1', '/a/b/': 'a=1', '/a/b/c/d': 'a=1', '/a': '', '/a/bc': '' } },
  { rule: 'a request for a folder has the folder as its default path',
    visits: [['/a/b/', 'a=1']], sent: { '/a/b': 'a=1', '/a/b/c': 'a=1', '/a': '' } },
  { rule: 'the default path of a request at the top is /',
    visits: [['/login', 'a=1']], sent: { '/': 'a=1', '/other/page': 'a=1' } },
  { rule: 'a query is no part of the path',
    visits: [['/login?to=/a/b', 'a=1']], sent: { '/': 'a=1' } },
  { rule: 'paths are compared as they are spelled',
    visits: [['/', 'a=1; Path=/%61', 'b=2; Path=/a']], sent: { '/%61': 'a=1', '/a': 'b=2' } },
  { rule: 'a Path that does not begin with a slash is as good as none',
    visits: [['/a/b', 'a=1; Path=x', 'b=2; Path=', 'c=3; Path', 'd=4; Path="/"']], sent: { '/': '', '/a': 'a=1; b=2; c=3; d=4' } },
  { rule: 'the last Path counts, even one that is as good as none',
    visits: [['/x/y', 'a=1; Path=/a; Path=/b', 'b=2; Path=/a; Path']], sent: { '/a': '', '/b': 'a=1', '/x': 'b=2' } },
  { rule: 'cookies of one name but different paths stand beside each other',
    visits: [['/', 'a=1; Path=/', 'a=2; Path=/x']], sent: { '/': 'a=1', '/x': 'a=2; a=1' } },
  { rule: 'a cookie is replaced and removed at its own path only',
    visits: [['/x/y', 'a=1; Path=/', 'b=1; Path=/'], ['/x/y', 'a=; Max-Age=0', 'b=2']], sent: { '/': 'a=1; b=1', '/x': 'b=2; a=1; b=1' } },
]

// biome-ignore format: a row is read at a glance
const order: readonly CookieRule[] = [
  { rule: 'longer paths are sent first, and of equal ones the older',
    visits: [['/', 'a=1; Path=/', 'b=2; Path=/x', 'c=3; Path=/x/y', 'd=4; Path=/', 'e=5; Path=/z']], sent: { '/x/y': 'c=3; b=2; a=1; d=4', '/z': 'e=5; a=1; d=4' } },
  { rule: 'a cookie that is set again as it was keeps its place',
    visits: [['/', 'a=1', 'b=2'], ['/', 'a=1']], sent: { '/': 'a=1; b=2' } },
  { rule: 'a cookie that gets another value moves behind the others', rfc: 'keeps its place (5.7)',
    visits: [['/', 'a=1', 'b=2'], ['/', 'a=3']], sent: { '/': 'b=2; a=3' } },
  { rule: 'a cookie that was removed comes back as a new one',
    visits: [['/', 'a=1', 'b=2'], ['/', 'a=; Max-Age=0'], ['/', 'a=1']], sent: { '/': 'b=2; a=1' } },
]

// biome-ignore format: a row is read at a glance
const expiry: readonly CookieRule[] = [
  { rule: 'Max-Age keeps or removes, whatever value comes with it',
    visits: [['/', 'a=1', 'b=1', 'c=1'], ['/', 'a=2; Max-Age=60', 'b=2; Max-Age=0', 'c=2; Max-Age=-1', 'd=1; Max-Age=00']], sent: { '/': 'a=2' } },
  { rule: 'Expires keeps or removes, whatever value comes with it',
    visits: [['/', 'a=1', 'b=1'], ['/', `a=2; ${farAway}`, `b=2; ${longAgo}`]], sent: { '/': 'a=2' } },
  { rule: 'Max-Age outranks Expires, wherever it stands',
    visits: [['/', `a=1; ${longAgo}; Max-Age=60`, `b=1; Max-Age=0; ${farAway}`]], sent: { '/': 'a=1' } },
  { rule: 'a Max-Age that is no whole number is none',
    visits: [['/', ...['x', '', '-', '+5', '0x', '0.9', '"0"'].map((age, at) => `c${at}=1; Max-Age=${age}`), `d=1; Max-Age=x; ${longAgo}`]], sent: { '/': pairs(0, 7) } },
  { rule: 'a Max-Age beyond all numbers keeps or removes',
    visits: [['/', `a=1; Max-Age=${'9'.repeat(30)}`, `b=1; Max-Age=-${'9'.repeat(30)}`]], sent: { '/': 'a=1' } },
  { rule: 'the last Max-Age or Expires counts',
    visits: [['/', 'a=1; Max-Age=0; Max-Age=60', 'b=1; Max-Age=60; Max-Age=0', `c=1; ${longAgo}; ${farAway}`]], sent: { '/': 'a=1; c=1' } },
  { rule: 'the last Max-Age or Expires counts, even one that makes no sense', rfc: 'the last that makes sense (5.6.1, 5.6.2)',
    visits: [['/', 'a=1; Max-Age=0; Max-Age=x', `b=1; ${longAgo}; Expires=x`]], sent: { '/': 'a=1; b=1' } },
  { rule: 'dates are read in many spellings',
    visits: [['/', ...['Thu, 01-Jan-1970 00:00:01 GMT', 'Thursday, 01-Jan-70 00:00:01', 'Thu Jan  1 00:00:01 1970', '1970 jan 1 0:0:1', '"Thu, 1 January 1970 00:00:01 PST"', 'Thu Jan 01 1970 00:00:00 GMT+0000 (UTC)'].map((date) => `a=1; Expires=${date}`), 'b=1; Expires=01-Jan-69 00:00:00']],
    sent: { '/': 'b=1' } },
  { rule: 'what is no date does not expire',
    visits: [['/', ...['0', '-1', 'Thu, 01 Jan 1970', 'Thu, 01 Jan 1970 00:00', 'Thu, 01 Jan 1970 24:00:00', 'Thu, 31 Feb 1970 00:00:00', 'Thu, 01 Jan 19700 00:00:00', '1970-01-01T00:00:00Z'].map((date, at) => `c${at}=1; Expires=${date}`)]],
    sent: { '/': pairs(0, 8) } },
  { rule: 'a year before 1601 is no date', chromium: { '/': '' },
    visits: [['/', 'a=1; Expires=Tue, 01 Jan 1600 00:00:00 GMT']], sent: { '/': 'a=1' } },
]

// biome-ignore format: a row is read at a glance
const sizes: readonly CookieRule[] = [
  { rule: 'name and value may have 4096 bytes together, not more',
    visits: [['/', `a=${x(4095)}`, `b=${x(4096)}`, `${x(4095)}=1`, `${x(4097)}=`]], sent: { '/': `a=${x(4095)}; ${x(4095)}=1` } },
  { rule: 'a value without a name may have 4096 bytes',
    visits: [['/', `${x(4095)}y`, x(4097)]], sent: { '/': `${x(4095)}y` } },
  { rule: 'bytes are counted, not characters',
    visits: [['/', `a=${'ü'.repeat(2047)}`, `b=${'ü'.repeat(2048)}`]], sent: { '/': `a=${'ü'.repeat(2047)}` } },
  { rule: 'attributes do not count',
    visits: [['/', `a=${x(4095)}${'; some=thing'.repeat(500)}`]], sent: { '/': `a=${x(4095)}` } },
  { rule: 'one that is too large is ignored: that which it would have replaced or removed stays',
    visits: [['/', 'a=1', 'b=2'], ['/', `a=${x(4096)}`, `b=${x(4096)}; Max-Age=0`]], sent: { '/': 'a=1; b=2' } },
  { rule: 'the value of an attribute may have 1024 bytes',
    visits: [['/', `a=1; Path=/${x(1023)}`, `b=1; Max-Age=${'0'.repeat(1024)}`]], sent: { '/': '', [`/${x(1023)}`]: 'a=1' } },
  { rule: 'an attribute with a larger value is as if it were not there',
    visits: [['/', `a=1; Path=/y; Path=/${x(1024)}`, `b=1; Max-Age=${'0'.repeat(1025)}`]], sent: { '/': 'b=1', '/y': 'a=1; b=1', [`/${x(1024)}`]: 'b=1' } },
  { rule: 'an attribute with a larger value does not make a cookie Secure', host: insecure,
    visits: [['/', `a=1; Secure=${x(1025)}`]], sent: { '/': 'a=1' } },
]

// biome-ignore format: a row is read at a glance
const spelling: readonly CookieRule[] = [
  { rule: 'spaces and tabs around names and values are dropped, those within stay',
    visits: [['/', '  a  =  1 2  ; Path = /x ', '\tb\t=\t2\t;\tPath\t=\t/x\t']], sent: { '/': '', '/x': 'a=1 2; b=2' } },
  { rule: 'quotes and commas are part of the value, a semicolon ends it even between quotes',
    visits: [['/', 'a="1"', 'b="1;2"', 'c=1,d=2']], sent: { '/': 'a="1"; b="1; c=1,d=2' } },
  { rule: 'the first = divides', visits: [['/', 'a=b=c==']], sent: { '/': 'a=b=c==' } },
  { rule: 'an empty value is a value', visits: [['/', 'a=', 'b=;Path=/']], sent: { '/': 'a=; b=' } },
  { rule: 'names differ by case, attributes do not',
    visits: [['/', 'a=1', 'A=2', 'b=3; PATH=/x; mAx-aGe=60', 'c=4; MAX-AGE=0']], sent: { '/': 'a=1; A=2', '/x': 'b=3; a=1; A=2' } },
  { rule: 'names may hold what no token may', visits: [['/', 'a b=1', 'c[d]=2', 'e@f(=3']], sent: { '/': 'a b=1; c[d]=2; e@f(=3' } },
  { rule: 'bytes beyond ASCII go back as they came', visits: [['/', 'a=ü', 'ß=1', 'c=à']], sent: { '/': 'a=ü; ß=1; c=à' } },
  { rule: 'a value without a name is sent alone, and replaces another such',
    visits: [['/', 'a', '=b', 'c=1']], sent: { '/': 'b; c=1' } },
  { rule: 'a line with neither is ignored', visits: [['/', '', '=', ';', ';a=1', ' ; Path=/', 'b=1']], sent: { '/': 'b=1' } },
  { rule: 'a value without a name that reads as another cookie is ignored', rfc: 'kept',
    visits: [['/', '=a=1', '==', '=b=']], sent: { '/': '' } },
  { rule: 'a control character anywhere spoils the cookie, a later one is kept',
    visits: [['/', 'a=1\x01', 'b\x02=1', 'c=1\x1f2', 'd=1\x7f', 'e=1; some=\x01', 'f=1; Path=/\x7f', 'g=1']], sent: { '/': 'g=1' } },
  { rule: 'so does a tab within a name, a value or an attribute', rfc: 'kept (5.6 exempts tabs)',
    visits: [['/', 'a=1\t2', 'b\tc=1', 'd=1; some=x\ty', 'e=1; so\tme', 'f=1']], sent: { '/': 'f=1' } },
]

const localhosts = ['127.0.0.1', '[::1]', 'localhost', 'shop.localhost']

// biome-ignore format: a row is read at a glance
const security: readonly CookieRule[] = [
  ...localhosts.map((host) => ({ rule: `Secure is kept over http on ${host}`, host,
    visits: [['/', 'a=1; Secure', 'b=2']] as const, sent: { '/': 'a=1; b=2' } })),
  { rule: 'Secure is refused over http elsewhere, whatever it is set to', host: insecure,
    visits: [['/', 'a=1; Secure', 'b=2; secure=false', 'c=3']], sent: { '/': 'c=3' } },
  { rule: 'SameSite makes no difference within a site', host: insecure,
    visits: [['/', 'a=1; SameSite=Strict', 'b=2; SameSite=Lax', 'c=3; SameSite=x', 'd=4; SameSite']], sent: { '/': 'a=1; b=2; c=3; d=4' } },
  { rule: 'SameSite=None without Secure is refused; the last SameSite counts',
    visits: [['/', 'a=1; SameSite=none', 'b=2; SameSite=None; Secure', 'c=3; SameSite=None; SameSite=x', 'd=4; SameSite=Lax; SameSite=None']], sent: { '/': 'b=2; c=3' } },
  { rule: 'Partitioned without Secure is refused', rfc: 'does not know the attribute',
    visits: [['/', 'a=1; Partitioned', 'b=2; Partitioned; Secure']], sent: { '/': 'b=2' } },
  { rule: '__Secure- must be Secure',
    visits: [['/', '__Secure-a=1', '__Secure-b=2; Secure', '__sEcUrE-c=3']], sent: { '/': '__Secure-b=2' } },
  { rule: '__Host- must be Secure, with Path=/ and no Domain', host: 'localhost',
    visits: [['/', '__Host-a=1; Path=/', '__Host-b=1; Secure', '__Host-c=1; Secure; Path=/x', '__Host-d=1; Secure; Path=/; Domain=localhost', '__Host-e=1; Secure; Path="/"', '__hOsT-f=1; Path=/', '__Host-g=1; Secure; Path=/', '__Host-h=1; Secure; Path=/; Domain=', '__Host=1']],
    sent: { '/x': '__Host-g=1; __Host-h=1; __Host=1' } },
  { rule: '__Http- must be Secure and HttpOnly, and __Host-Http- what __Host- must as well', rfc: 'does not know them',
    visits: [['/', '__Http-a=1; Secure', '__Http-b=1; HttpOnly', '__Http-c=1; Secure; HttpOnly', '__Host-Http-d=1; Secure; Path=/', '__Host-Http-e=1; Secure; HttpOnly', '__Host-Http-f=1; Secure; HttpOnly; Path=/']],
    sent: { '/': '__Http-c=1; __Host-Http-f=1' } },
  { rule: 'a prefix over http elsewhere is refused', host: insecure,
    visits: [['/', '__Host-a=1; Secure; Path=/', '__Secure-b=1; Secure', 'c=1']], sent: { '/': 'c=1' } },
  { rule: 'a value without a name cannot pretend to have a prefix',
    visits: [['/', '__Host-a'], ['/', '__secure-b; Secure'], ['/', '__Http-c; Secure; HttpOnly']], sent: { '/': '' } },
]

// biome-ignore format: a row is read at a glance
const domains: readonly CookieRule[] = [
  { rule: 'a cookie for a domain above the host is kept', host: 'www.shop.test',
    visits: [['/', 'a=1; Domain=shop.test', 'b=2; Domain=.WWW.shop.test', 'c=3; Domain=']], sent: { '/': 'a=1; b=2; c=3' } },
  { rule: 'one for a domain beside or below the host, or for all of a top-level domain, is refused', host: insecure,
    visits: [['/', 'a=1; Domain=www.shop.test', 'b=1; Domain=other.test', 'c=1; Domain=hop.test', 'd=1; Domain=test', 'e=1; Domain=..shop.test', 'f=1']], sent: { '/': 'f=1' } },
  { rule: 'the last Domain counts, even an empty one', host: insecure,
    visits: [['/', 'a=1; Domain=x; Domain=shop.test', 'b=1; Domain=x; Domain=', 'c=1; Domain=shop.test; Domain=x']], sent: { '/': 'a=1; b=1' } },
  { rule: 'a cookie for the host alone and one for its domain stand beside each other', host: insecure,
    visits: [['/', 'a=1; Domain=shop.test', 'a=2', 'a=3; Domain=.shop.test']], sent: { '/': 'a=2; a=3' } },
  { rule: 'an address may be named only as it is',
    visits: [['/', 'a=1; Domain=127.0.0.1', 'b=2; Domain=0.0.1', 'c=3; Domain=127.0.0.2', 'd=4; Domain=localhost']], sent: { '/': 'a=1' } },
  { rule: 'localhost may be named only as it is', host: 'localhost',
    visits: [['/', 'a=1; Domain=localhost', 'b=2; Domain=.LOCALHOST', 'c=3; Domain=shop.localhost', 'd=4; Domain=localhost:80', 'a=5']], sent: { '/': 'b=2; a=5' } },
]

const uses: readonly Visit[] = [
  ['/', ...lines(0, 10, '; Path=/x'), ...lines(10, 180)],
  ['/x/page'],
  ['/', 'c180=1'],
]

// biome-ignore format: a row is read at a glance
const numbers: readonly CookieRule[] = [
  { rule: '180 cookies are kept', visits: [['/', ...lines(0, 180)]], sent: { '/': pairs(0, 180) } },
  { rule: 'with one more, 150 are left, the oldest leave', rfc: 'leaves the numbers to the browser (5.7)',
    visits: [['/', ...lines(0, 181)]], sent: { '/': pairs(31, 181) } },
  { rule: 'after that there is room again', visits: [['/', ...lines(0, 200)]], sent: { '/': pairs(31, 200) } },
  { rule: 'cookies of all paths count together',
    visits: [['/', ...lines(0, 90, '; Path=/x'), ...lines(90, 181, '; Path=/y')]], sent: { '/x': pairs(31, 90), '/y': pairs(90, 181) } },
  { rule: 'cookies for the host and for its domain count together', host: 'www.shop.test',
    visits: [['/', ...lines(0, 90, '; Domain=shop.test'), ...lines(90, 181)]], sent: { '/': pairs(31, 181) } },
  { rule: 'to be set again counts as use, whether or not the value changes',
    visits: [['/', ...lines(0, 180)], ['/', 'c0=1', 'c1=2'], ['/', 'c180=1']], sent: { '/': `c0=1; ${pairs(33, 180)}; c1=2; c180=1` } },
  { rule: 'to be sent within a minute of that does not', rfc: 'it does (5.8.3)', visits: uses, sent: { '/x': pairs(31, 181) } },
  { rule: 'those that are not Secure leave first, the newest of them before any that is Secure',
    visits: [['/', ...lines(0, 20), ...lines(20, 170, '; Secure'), ...lines(170, 181)]], sent: { '/': pairs(20, 170) } },
  { rule: 'if that is not enough, the oldest that are Secure leave as well',
    visits: [['/', ...lines(0, 170, '; Secure'), ...lines(170, 181)]], sent: { '/': pairs(20, 170) } },
  { rule: 'Priority makes no difference', chromium: { '/': `${pairs(0, 10)}; ${pairs(41, 181)}` }, rfc: 'does not know the attribute',
    visits: [['/', ...lines(0, 10, '; Priority=High'), ...lines(10, 181)]], sent: { '/': pairs(31, 181) } },
]

export const cookieRules: Readonly<Record<string, readonly CookieRule[]>> = {
  paths,
  order,
  expiry,
  sizes,
  spelling,
  security,
  domains,
  numbers,
}
