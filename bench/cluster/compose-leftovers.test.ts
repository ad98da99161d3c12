/** Holds the sweep of containers to what is its own, on an Engine that only lists and takes down what it is told to remove. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Owner, ownerText, thisOwner } from '../processes/owner.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { connectEngine } from './compose-engine.ts'
import { ownerLabel, sweepContainers } from './compose-leftovers.ts'

/** Sweeps an Engine that has a container, a network and a volume of each of these owners, by the name of their cluster. */
async function sweep(owners: Readonly<Record<string, string>>) {
  const labels = Object.entries(owners).map(([name, owner]) => ({
    'com.docker.compose.project': name,
    [ownerLabel]: owner,
  }))
  const listed = (id: 'Id' | 'Name') =>
    labels.map((Labels) => ({ [id]: Labels['com.docker.compose.project'], Labels }))
  const removed: string[] = []
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    if (request.method === 'DELETE') removed.push(path)
    const lists: Record<string, unknown> = {
      '/containers/json': listed('Id'),
      '/networks': listed('Id'),
      '/volumes': { Volumes: listed('Name') },
    }
    response.end(JSON.stringify(lists[path] ?? {}))
  })
  using folder = temporaryFolder()
  const socket = join(folder.path, 'engine.sock')
  server.listen(socket)
  await once(server, 'listening')
  await using engine = connectEngine(socket)
  const swept = await sweepContainers(engine, new AbortController().signal)
  server.close()
  return { swept, removed }
}

const gone: Owner = { ...thisOwner(), startedAt: 'never' }

test('what a dead run left is removed: containers, networks and volumes', async () => {
  const { swept, removed } = await sweep({ dead: ownerText(gone) })
  expect(swept).toEqual({ projects: ['dead'], containers: 1, networks: 1, volumes: 1, unknown: [] })
  expect(removed.sort()).toEqual(['/containers/dead', '/networks/dead', '/volumes/dead'])
})

test('what is in use, of another user or made by hand is left alone without a word', async () => {
  const { swept, removed } = await sweep({
    'in-use': ownerText(thisOwner()),
    'of-another': ownerText({ ...gone, user: 4242 }),
    'by-hand': 'by-hand',
  })
  expect(swept).toMatchObject({ projects: [], unknown: [] })
  expect(removed).toEqual([])
})

test('on an Engine that is shared, what was started elsewhere is left alone and named', async () => {
  const { swept, removed } = await sweep({
    // As a colleague on another machine with the same number as user, whose boot is another.
    colleague: ownerText({ ...gone, boot: 'of another machine', machine: 'another' }),
    container: ownerText({ ...gone, pidNamespace: 'pid:[1]' }),
  })
  expect(swept).toMatchObject({ projects: [], unknown: ['colleague', 'container'] })
  expect(removed).toEqual([])
})
