/** Which trials of a run go on at the same time: as many as each of them bears. */

/** A piece of work that others may go on beside. */
export interface Companionable {
  /** Unique among those that are run. */
  readonly key: string
  /** How many, itself included, may go on at the same time as this one: 1 is alone. */
  readonly sideBySide: number
}

/**
 * `work` for each task in order, each as soon as everybody bears it: itself, and all that are under way. The first
 * failure gives the others up, awaits them and is thrown.
 * @param work is told by `beside` who has borne it company so far
 */
export async function sideBySide<T extends Companionable>(
  tasks: readonly T[],
  signal: AbortSignal,
  work: (task: T, signal: AbortSignal, beside: () => readonly string[]) => Promise<void>,
): Promise<void> {
  const giveUp = new AbortController()
  const either = AbortSignal.any([signal, giveUp.signal])
  const running = new Map<T, { readonly company: Set<string>; readonly ended: Promise<void> }>()
  let failure: { readonly error: unknown } | null = null
  const start = (task: T) => {
    const company = new Set([...running.keys()].map(({ key }) => key))
    for (const other of running.values()) other.company.add(task.key)
    const ended = work(task, either, () => [...company])
      .catch((error: unknown) => {
        failure ??= { error }
        giveUp.abort()
      })
      .finally(() => running.delete(task))
    running.set(task, { company, ended })
  }
  const bears = (task: T) => [task, ...running.keys()].every((one) => running.size < one.sideBySide)
  const oneEnds = () => Promise.race([...running.values()].map(({ ended }) => ended))
  for (const task of tasks) {
    while (running.size > 0 && !bears(task)) await oneEnds()
    if (either.aborted) break
    start(task)
  }
  while (running.size > 0) await oneEnds()
  signal.throwIfAborted()
  if (failure !== null) throw (failure as { error: unknown }).error
}
