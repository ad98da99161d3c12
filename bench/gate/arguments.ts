/** Reads what was typed for a gate, or says what was expected. */
import { UsageError } from '../errors.ts'

/** `2.5%` as 0.025. @throws {UsageError} */
export function tolerance(text: string): number {
  const [, digits] = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text) ?? []
  const value = Number(digits) / 100
  if (value > 0 && value < 1) return value
  throw new UsageError(
    `--tolerance is '${text}'; expected the change that is accepted, above 0% and below 100%, such as 2.5%`,
  )
}

/** `300s` or `5m` in milliseconds. @throws {UsageError} */
export function duration(text: string): number {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*(s|m)\s*$/.exec(text) ?? []
  const value = Number(digits) * (unit === 'm' ? 60_000 : 1_000)
  if (value > 0 && value <= 24 * 60 * 60_000) return value
  throw new UsageError(`--max-time is '${text}'; expected a time of up to a day, such as 300s or 5m`)
}
