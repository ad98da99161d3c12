/** A bare TCP connection for what an HTTP client hides: kept-open connections and half-sent requests. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An open connection and everything received on it. */
export interface RawConnection {
  readonly socket: Socket
  readonly closed: Promise<unknown>
  send(text: string): void
  received(): string
  /** Resolves when `text` has been received. */
  receives(text: string): Promise<void>
}

/** Resolves when the connection is open. */
export async function openConnection(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let received = ''
  let onData = () => {}
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text
    onData()
  })
  return {
    socket,
    closed: once(socket, 'close'),
    send: (text) => void socket.write(text),
    received: () => received,
    receives: (text) =>
      new Promise((resolve, reject) => {
        onData = () => {
          if (received.includes(text)) resolve()
        }
        onData()
        socket.once('close', () => reject(new Error(`closed after ${JSON.stringify(received)}`)))
      }),
  }
}

/** Whether something listens on the port. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
