/** Guesses the option that was left out before a value. */
import { strategies } from '../../servers/strategies/index.ts'
import { drivers } from '../drivers.ts'
import { presets } from '../experiments/experiment.ts'
import { experiments } from '../experiments/index.ts'

/** The option of `run` that takes `value`, or each part of the list that it is; `undefined` when none does. */
export function optionFor(value: string): string | undefined {
  const names = (entries: readonly { readonly name: string }[]) => entries.map(({ name }) => name)
  const values: Record<string, readonly string[]> = {
    '--preset': presets,
    '--strategies': names(strategies),
    '--experiments': names(experiments),
    '--driver': names(drivers),
  }
  return Object.keys(values).find((option) =>
    value.split(',').every((part) => values[option]!.includes(part)),
  )
}
