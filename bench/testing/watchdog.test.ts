/** Holds the watchdog to ending what a killed test has left, and to leaving alone what it was called off from. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { isRunning, processId } from '../processes/process-table.ts'
import { until } from './until.ts'

const watchdog = pathToFileURL(`${import.meta.dirname}/watchdog.ts`)

/** A process that starts two, has one of them watched, and is killed. */
const owner = `
const { endWithThisProcess } = await import(${JSON.stringify(watchdog.href)})
const { spawn } = await import('node:child_process')
const [watched, spared] = [1, 2].map(() => spawn('sleep', ['600'], { stdio: 'ignore', detached: true }))
endWithThisProcess(watched.pid)
endWithThisProcess(spared.pid)[Symbol.dispose]()
console.log(watched.pid + ' ' + spared.pid)
setInterval(() => {}, 60_000)
`

test('a killed process takes along what it had watched, and only that', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', owner], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
  const [watched, spared] = (line as string)
    .trim()
    .split(' ')
    .map((pid) => processId(Number(pid)))
  expect([watched, spared].map((id) => isRunning(id!))).toEqual([true, true])
  child.kill('SIGKILL')
  await until(() => !isRunning(watched!))
  expect(isRunning(spared!)).toBe(true)
  process.kill(spared!.pid, 'SIGKILL')
})
