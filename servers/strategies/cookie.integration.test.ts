/** What only the cookie strategy promises: any replica with the same secret knows the visitor, no other does. */
import { expect, test } from 'vitest'
import { Browser } from '../testing/browser.ts'
import { startReplica } from '../testing/replica-process.ts'

test('the state goes where the browser goes, among replicas with one secret', async () => {
  await using first = await startReplica({ STRATEGY: 'cookie' })
  await using second = await startReplica({ STRATEGY: 'cookie' })
  await using stranger = await startReplica({
    STRATEGY: 'cookie',
    SESSION_SECRET: 'the secret of another cluster',
  })
  const browser = new Browser(first.origin)
  await browser.post('/login', { user: 'alice' })
  await browser.post('/counter')
  browser.moveTo(second.origin)
  expect((await browser.get('/me')).body?.user).toBe('alice')
  expect((await browser.post('/counter')).body?.counter).toBe(2)
  browser.moveTo(stranger.origin)
  expect((await browser.get('/me')).status).toBe(401)
})
