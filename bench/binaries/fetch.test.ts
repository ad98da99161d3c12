/** Holds fetching to an answer where there can be no cache. */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fetchBinaries } from './fetch.ts'

const distribution = { label: 'Debian', key: 'debian-12-amd64', architecture: 'amd64', fetchable: true }

// As with HOME=/proc: the system makes no folders there, and Node's own way of making them does not end.
test.runIf(existsSync('/proc/self'))('a cache that cannot be made is named, with what to do', async () => {
  const plan = { cache: '/proc/.cache/sessionbench', distribution, env: process.env }
  const fetching = fetchBinaries(['nginx'], plan, new AbortController().signal)
  await expect(fetching).rejects.toMatchObject({
    code: 'fetch-failed',
    message: expect.stringMatching(/into \/proc\/\.cache\/sessionbench\n.*ENOENT[\s\S]*set XDG_CACHE_HOME/),
  })
})
