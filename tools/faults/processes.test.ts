import { expect, test } from 'vitest'
import { describeProcess } from './processes.ts'

test.each([
  ['/opt/node\0/p/servers/replica.ts\0', 'PATH=/bin\0REPLICA_NAME=replica-2\0', 'replica', 'replica-2'],
  ['nginx: master process /usr/sbin/nginx -e stderr\0\0', '', 'nginx', 'nginx'],
  ['/c/usr/bin/redis-server 127.0.0.1:4\0\0', 'PATH=/bin\0', 'store', 'redis'],
  ['nginx: worker process\0', '', 'other', 'nginx: worker process'],
  ['/opt/node\0/p/bench/main.js\0run\0', '', 'other', '/opt/node /p/bench/main.js run'],
  // The program's words among its arguments are no program.
  ['sh\0-c\0redis-server\0', '', 'other', 'sh -c redis-server'],
])('%j is known for what it is', (commandLine, environment, role, name) => {
  expect(describeProcess(7, commandLine, environment)).toEqual({ pid: 7, role, name })
})
