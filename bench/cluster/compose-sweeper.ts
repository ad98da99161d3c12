/** A program: waits until the process whose number it is given has ended, then removes the containers it left. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning, processId } from '../processes/process-table.ts'
import { sweepComposeLeftovers } from './compose-leftovers.ts'

const owner = processId(Number(process.argv[2]))
while (isRunning(owner)) await sleep(50)
await sweepComposeLeftovers(AbortSignal.timeout(60_000))
