import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { installAdvice } from './advice.ts'
import { lastLineThatMatters } from './apt-output.ts'
import { requirements } from './binary.ts'
import { cacheDir } from './cache.ts'
import { describeDistribution, detectDistribution, isDebianLike, parseOsRelease } from './distribution.ts'
import { statusForFetching } from './dpkg-status.ts'
import { isDue, since } from './renewal.ts'
import { searchDirs } from './search-path.ts'
import { compareVersions } from './version.ts'

describe('versions', () => {
  test.each([
    ['1.18.0', '1.18.0', 0],
    ['1.18', '1.18.0', 0],
    ['1.9.15', '1.18.0', -1],
    ['7.0.15', '6.0.0', 1],
    ['10.0', '9.9.9', 1],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign)
  })

  test.each([
    ['nginx', 'nginx version: nginx/1.22.1', '1.22.1'],
    ['nginx', 'nginx version: nginx/1.18.0 (Ubuntu)', '1.18.0'],
    ['nginx', 'nginx version: openresty/1.21.4.1', '1.21.4.1'],
    ['nginx', 'Usage: other', undefined],
    ['redis-server', 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', '7.0.15'],
    ['redis-server', 'Valkey server v=8.0.1 sha=00000000:0', '8.0.1'],
  ] as const)('%s says "%s"', (name, text, version) => {
    expect(requirements[name].versionPattern.exec(text)?.[1]).toBe(version)
  })
})

describe('os-release', () => {
  const ubuntu = 'NAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n'

  test('reads bare, single- and double-quoted values and escapes', () => {
    const text = `# a comment\nID=debian\nVERSION_ID="12"\nNAME='Debian GNU/Linux'\nPRETTY_NAME="a \\"b\\" \\$c"\nbroken\n`
    expect(parseOsRelease(text)).toEqual({
      ID: 'debian',
      VERSION_ID: '12',
      NAME: 'Debian GNU/Linux',
      PRETTY_NAME: 'a "b" $c',
    })
  })

  test.each([
    ['ID=debian', true],
    [ubuntu, true],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"', true],
    ['ID=fedora', false],
    ['ID=rocky\nID_LIKE="rhel centos fedora"', false],
    ['', false],
  ])('%j is Debian-like: %s', (text, expected) => {
    expect(isDebianLike(parseOsRelease(text))).toBe(expected)
  })

  test('the cache key holds distribution, release and architecture', () => {
    expect(describeDistribution(parseOsRelease(ubuntu), 'arm64')).toEqual({
      label: 'Ubuntu',
      key: 'ubuntu-24.04-arm64',
      architecture: 'arm64',
    })
    expect(describeDistribution({ ID: 'debian', VERSION_CODENAME: 'forky' }, 'amd64').key).toBe(
      'debian-forky-amd64',
    )
    expect(describeDistribution({ ID: '../x', VERSION_ID: 'a b' }, 'amd64').key).toBe('.._x-a_b-amd64')
  })
})

describe('this distribution', () => {
  test.runIf(existsSync('/usr/bin/dpkg'))(
    'is the same whether or not its packages can be fetched',
    async () => {
      const whole = await detectDistribution({ PATH: '/usr/bin:/bin' })
      expect(whole).toMatchObject({ fetchable: true })
      expect(await detectDistribution({ PATH: '/nowhere' })).toEqual({ ...whole, fetchable: false })
    },
  )
})

describe('renewal', () => {
  const now = new Date('2026-03-31T12:00:00Z')
  const at = (days: number) => new Date(now.getTime() - days * 24 * 3_600_000)

  test.each([
    [0, null, false],
    [30, null, false],
    [30.001, null, true],
    [31, 0.5, false],
    [31, 1.001, true],
    [-1, null, true],
    [null, null, true],
    [null, 0.5, false],
  ])('fetched %s days ago, tried in vain %s days ago: due %s', (fetched, tried, due) => {
    const date = (days: number | null) => (days === null ? null : at(days))
    expect(isDue({ fetched: date(fetched), tried: date(tried) }, now)).toBe(due)
  })

  test('is told in days', () => {
    expect([0, 0.9, 1, 1.9, 31].map((days) => since(at(days), now))).toEqual([
      'today',
      'today',
      '1 day ago',
      '1 day ago',
      '31 days ago',
    ])
    expect(since(null, now)).toBe('at an unknown time')
  })
})

describe('folders', () => {
  test('PATH comes first, then the folders it lacks; none twice, none relative', () => {
    expect(searchDirs({ PATH: '/usr/bin:node_modules/.bin::/usr/sbin:/usr/bin' })).toEqual([
      '/usr/bin',
      '/usr/sbin',
      '/usr/local/sbin',
      '/sbin',
      '/opt/homebrew/bin',
      '/usr/local/bin',
    ])
  })

  test('the cache is under XDG_CACHE_HOME, else under HOME', () => {
    expect(cacheDir({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/sessionbench')
    expect(cacheDir({ XDG_CACHE_HOME: 'relative', HOME: '/h' })).toBe('/h/.cache/sessionbench')
    expect(cacheDir({ XDG_CACHE_HOME: '', HOME: '/h' })).toBe('/h/.cache/sessionbench')
  })
})

describe('dpkg status shown to apt', () => {
  const entry = (name: string, fields: string) =>
    `Package: ${name}\n${fields}\nDescription: text\n more text\n`

  test('keeps what is installed, without its own dependencies', () => {
    const status = entry(
      'libssl3',
      'Status: install ok installed\nVersion: 3.0\nDepends: libc6\nSource: openssl',
    )
    expect(statusForFetching(status, [])).toBe(
      'Package: libssl3\nStatus: install ok installed\nVersion: 3.0\n',
    )
  })

  test('leaves out what is to be fetched, with its siblings, and what is half installed', () => {
    const status = [
      entry('nginx', 'Status: install ok installed'),
      entry('redis-tools', 'Status: install ok installed\nSource: redis (5:7.0.15)'),
      entry('libjemalloc2', 'Status: install ok unpacked'),
      entry('liblzf1', 'Status: deinstall ok config-files'),
      entry('libc6', 'Status: install ok installed'),
    ].join('\n')
    expect(statusForFetching(status, ['nginx', 'redis'])).toBe(
      'Package: libc6\nStatus: install ok installed\n',
    )
  })
})

describe('the line of apt that matters', () => {
  test.each([
    [
      'a refused connection, not the unknown package that follows',
      'Err:1 http://mirror x InRelease\nW: Failed to fetch http://mirror  Connection refused\n' +
        'W: Some index files failed to download. They have been ignored, or old ones used instead.\n' +
        'E: Unable to locate package nginx\n',
      'W: Failed to fetch http://mirror  Connection refused',
    ],
    [
      'a full disk, not the unreadable lists that follow',
      'E: Write error - write (28: No space left on device)\nE: IO Error saving source cache\n',
      'E: Write error - write (28: No space left on device)',
    ],
    [
      'the only error there is',
      'Reading...\nE: Unable to locate package nginx\n',
      'E: Unable to locate package nginx',
    ],
    ['the last line when there is no error', 'one\ntwo\n', 'two'],
  ])('%s', (_, output, expected) => {
    expect(lastLineThatMatters(output)).toBe(expected)
  })
})

test('the advice names the commands for apt, Homebrew and Docker, and the variables', () => {
  const advice = installAdvice(['nginx', 'redis-server'])
  expect(advice).toContain('  sudo apt-get install nginx redis-server\n')
  expect(advice).toContain('  brew install nginx redis\n')
  expect(advice).toContain('  docker run ')
  expect(advice).toContain(
    'SESSIONBENCH_NGINX=/path/to/nginx SESSIONBENCH_REDIS_SERVER=/path/to/redis-server',
  )
})
