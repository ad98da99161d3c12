/** A program: waits until the process that it is told of has ended, then removes the containers that it left. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseOwner, stateOf } from '../processes/owner.ts'
import { sweepComposeLeftovers } from './compose-leftovers.ts'

const owner = parseOwner(process.argv[2])
while (owner !== null && stateOf(owner) === 'running') await sleep(50)
await sweepComposeLeftovers(AbortSignal.timeout(60_000))
