/** How long this process was ready to run and had no core, from the scheduler's own count. */
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Of all its threads since their birth, in microseconds; `null` where the system does not tell.
 * Source: the second field of `/proc/PID/task/TID/schedstat` (Documentation/scheduler/sched-stats in the Linux kernel).
 */
export function ownRunDelayMicros(): number | null {
  if (process.platform !== 'linux') return null
  let nanos = 0
  for (const thread of readdirSync('/proc/self/task')) {
    try {
      nanos += Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[1])
    } catch (error) {
      // A thread that has ended meanwhile.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  return nanos / 1000
}
