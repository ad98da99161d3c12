/** Somebody else listens on the port that was asked for. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { ExitCode } from '../../../bench/errors.ts'
import type { FaultClass } from '../fault.ts'
import { oneOf, someCluster } from '../subjects.ts'
import { toItsEnd } from '../to-its-end.ts'

export const portTaken: FaultClass = {
  name: 'port-taken',
  summary: 'another program listens on the port of a cluster',
  async inject(scene, random) {
    const host = oneOf(random, ['127.0.0.1', '0.0.0.0'])
    const server = createServer((socket) => socket.destroy()).listen(0, host)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      const seen = await toItsEnd(scene, [...someCluster(random), '--port', String(port)])
      return {
        what: `${host}:${port} is taken for ${seen.line}`,
        commands: [{ seen, owed: { ends: [ExitCode.usage], names: new RegExp(`${port}.*--port`, 's') } }],
      }
    } finally {
      server.close()
    }
  },
}
