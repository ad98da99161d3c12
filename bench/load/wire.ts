/** Connections that count what goes over the wire: headers and bodies, as the browser's own network card would see them. */
import type { Socket } from 'node:net'
import { buildConnector } from 'undici'
import { type Connections, openConnections } from './browser.ts'

/** Bytes so far, over all connections. */
export interface WireBytes {
  readonly sent: number
  readonly received: number
}

export interface CountedConnections {
  readonly connections: Connections
  bytes(): WireBytes
}

/** As `openConnections`; a connection that was closed is still counted. */
export function openCountedConnections(origin: URL, signal: AbortSignal): CountedConnections {
  const sockets: Socket[] = []
  const connect = buildConnector({ timeout: 2_000 })
  const connections = openConnections(origin, signal, (options, done) =>
    connect(options, (...result) => {
      if (result[1] !== null) sockets.push(result[1])
      done(...result)
    }),
  )
  return {
    connections,
    bytes: () => ({
      sent: sockets.reduce((sum, socket) => sum + socket.bytesWritten, 0),
      received: sockets.reduce((sum, socket) => sum + socket.bytesRead, 0),
    }),
  }
}
