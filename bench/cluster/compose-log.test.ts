/** Holds the reading of container logs to the Engine's format, however the frames are cut. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { engineTime, logLines } from './compose-log.ts'

function frame(stream: 1 | 2, text: string): Buffer {
  const body = Buffer.from(text)
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}

async function read(chunks: Iterable<Uint8Array>): Promise<string[]> {
  async function* arriving() {
    yield* chunks
  }
  const lines: string[] = []
  for await (const line of logLines(arriving())) lines.push(line)
  return lines
}

/** Cuts the bytes at every `size`, as a socket might. */
function cut(bytes: Buffer, size: number): Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size))
  return parts
}

test('takes lines out of frames of both streams', async () => {
  const bytes = Buffer.concat([frame(1, 'one\ntwo\n'), frame(2, 'a problem\n'), frame(1, 'three\n')])
  expect(await read([bytes])).toEqual(['one', 'two', 'a problem', 'three'])
})

test('puts together a line that is cut over frames, each stream for itself', async () => {
  const bytes = Buffer.concat([
    frame(1, 'begin'),
    frame(2, 'problem\n'),
    frame(1, 'ning\n'),
    frame(1, 'no end'),
  ])
  expect(await read([bytes])).toEqual(['problem', 'beginning', 'no end'])
})

test('of a line that does not end the last part is kept, and no more', async () => {
  const frames = Array.from({ length: 100 }, (_, at) => frame(1, String(at % 10).repeat(16 * 1024)))
  const [line, ...rest] = await read(frames)
  expect(rest).toEqual([])
  expect(line).toHaveLength(64 * 1024)
  expect(line).toMatch(/^6+7+8+9+$/)
})

test('an empty log has no lines', async () => {
  expect(await read([])).toEqual([])
})

test('reads the same lines however the bytes arrive, characters of several bytes among them', async () => {
  const line = fc.stringMatching(/^[^\n]+$/).map((text) => `🍪${text}`)
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 40 }), async (lines, size) => {
      const whole = Buffer.concat(lines.map((text) => frame(1, `${text}\n`)))
      const wellFormed = lines.map((text) => text.toWellFormed())
      expect(await read(cut(whole, size))).toEqual(wellFormed)
    }),
  )
})

test('a time keeps its nanoseconds', () => {
  expect(engineTime('2026-11-23T04:31:03.990279903Z')).toBe('1795408263.990279903')
  expect(engineTime('2026-11-23T04:31:03Z')).toBe('1795408263.000000000')
  expect(engineTime('2026-11-23T04:31:03.5Z')).toBe('1795408263.500000000')
})

test('a container that never ended is asked for its whole log', () => {
  expect(engineTime('0001-01-01T00:00:00Z')).toBe('0.000000000')
})
