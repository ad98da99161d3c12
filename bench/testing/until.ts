/** Waits for a condition that nothing announces. */
import { setTimeout as pause } from 'node:timers/promises'

/** Asks again and again until `condition` holds; a test that never gets there is ended by its own time limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(10)
}
