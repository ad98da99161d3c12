/** Reads the log of a container as the Engine sends it: frames of stdout and stderr, taken apart into lines. */
import { StringDecoder } from 'node:string_decoder'

/** Each frame: one byte for the stream, three of nothing, four for the length (Engine API, "Attach to a container"). */
const headerBytes = 8
/** Of a line that does not end, what is kept. */
const longestLine = 64 * 1024

/** The lines of both streams in the order in which the Engine had them; the last one may lack its end. */
export async function* logLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // A line may be cut over frames, and the streams have each their own lines.
  const partial = new Map<number, string>()
  const decoders = new Map<number, StringDecoder>()
  let buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    buffer = Buffer.concat([buffer, chunk])
    while (buffer.length >= headerBytes) {
      const end = headerBytes + buffer.readUInt32BE(4)
      if (buffer.length < end) break
      const stream = buffer.readUInt8(0)
      const decoder = decoders.get(stream) ?? new StringDecoder()
      decoders.set(stream, decoder)
      const text = (partial.get(stream) ?? '') + decoder.write(buffer.subarray(headerBytes, end))
      buffer = buffer.subarray(end)
      const lines = text.split('\n')
      partial.set(stream, (lines.pop() ?? '').slice(-longestLine))
      yield* lines
    }
  }
  for (const rest of partial.values()) if (rest !== '') yield rest
}

/** `2026-01-02T03:04:05.678901234Z` as seconds with a fraction, the form in which the Engine takes a time. */
export function engineTime(rfc3339: string): string {
  const seconds = Math.max(0, Math.floor(Date.parse(rfc3339) / 1000)) // "0001-01-01…" stands for never
  const fraction = /\.(\d+)/.exec(rfc3339)?.[1] ?? '0'
  return `${seconds}.${fraction.padEnd(9, '0')}`
}
