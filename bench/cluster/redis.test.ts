/** What a Redis server is told, and how its answers are read, however they arrive. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { answersPing, redisCommandsProcessed, redisConfiguration, redisUrl } from './redis.ts'

const address = { host: '127.0.0.1', port: 20_001, password: '0123abcd' }

test('it wants the password, keeps dangerous commands to itself, and persists as the service says', () => {
  const redis = redisConfiguration('redis', address)
  expect(redis).toBe(`\
bind 127.0.0.1
port 20001
user default on >0123abcd ~* +@all -@admin -@dangerous -@scripting +info
save 3600 1
save 300 100
save 60 10000
`)
  expect(redisConfiguration('redis-aof', address)).toBe(`${redis}appendonly yes\nappendfsync everysec\n`)
  expect(redisUrl(address)).toBe('redis://:0123abcd@127.0.0.1:20001')
})

/** A server that, once it has been asked two things, sends `chunks` one by one, and then hangs up if it is to. */
async function serverSaying(chunks: readonly string[], hangsUp = false) {
  let asked = ''
  const server = createServer((socket) => {
    socket.on('error', () => {}) // whoever asked has what it wanted and is gone
    socket.setEncoding('latin1').on('data', async (text: string) => {
      asked += text
      if (asked.split('\r\n').length < 3) return
      for (const chunk of chunks) await new Promise((sent) => socket.write(chunk, sent))
      if (hangsUp) socket.end()
    })
  }).listen(0, address.host)
  await once(server, 'listening')
  return {
    address: { ...address, port: (server.address() as AddressInfo).port },
    asked: () => asked,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

describe('ready', () => {
  test.each([
    ['PONG', ['+OK\r\n+PONG\r\n'], true],
    ['PONG in pieces', ['+O', 'K\r', '\n+PO', 'NG\r\n'], true],
    ['that it is loading', ['+OK\r\n-LOADING Redis is loading the dataset in memory\r\n'], false],
    ['that the password is wrong', ['-WRONGPASS invalid username-password pair\r\n', '-NOAUTH\r\n'], false],
  ])('says %s', async (_, chunks, ready) => {
    await using server = await serverSaying(chunks)
    expect(await answersPing(server.address)).toBe(ready)
    expect(server.asked()).toBe('AUTH 0123abcd\r\nPING\r\n')
  })

  test('nobody listens', async () => {
    const server = await serverSaying([])
    await server[Symbol.asyncDispose]()
    expect(await answersPing(server.address)).toBe(false)
  })
})

describe('commands processed', () => {
  const info =
    '# Stats\r\ntotal_connections_received:3\r\ntotal_commands_processed:4711\r\nevicted_keys:0\r\n'

  test('are read from the whole answer, in pieces or at once', async () => {
    const reply = `+OK\r\n$${info.length}\r\n${info}\r\n`
    for (const chunks of [[reply], [reply.slice(0, 30), reply.slice(30, 85), reply.slice(85)]]) {
      await using server = await serverSaying(chunks)
      expect(await redisCommandsProcessed(server.address)).toBe(4711)
    }
  })

  test.each([
    ['hangs up', [], 'it hung up'],
    ['refuses the password', ['-WRONGPASS invalid password\r\n'], 'it answered -WRONGPASS invalid password'],
    ['refuses the question', ["+OK\r\n-NOPERM can't run\r\n"], "it answered -NOPERM can't run"],
    ['is something else', ['HTTP/1.1 400 Bad Request\r\n'], 'it answered HTTP/1.1 400 Bad Request'],
  ])('a server that %s is named', async (_, chunks, why) => {
    await using server = await serverSaying(chunks, true)
    await expect(redisCommandsProcessed(server.address)).rejects.toThrow(
      `Redis on 127.0.0.1:${server.address.port} does not tell how many commands it has processed: ${why}`,
    )
  })
})
