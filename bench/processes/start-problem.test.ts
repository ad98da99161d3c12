/** Holds the reason why a program cannot be started to words that help. */
import { expect, test } from 'vitest'
import { EnvironmentError, exitCodeOf } from '../errors.ts'
import { startProblem } from './start-problem.ts'

test('too many processes are a matter of the machine; any other error is left as it is', () => {
  const error = (code: string) => Object.assign(new Error(`spawn docker ${code}`), { code })
  const problem = startProblem(error('EAGAIN'))
  expect(problem).toBeInstanceOf(EnvironmentError)
  expect(exitCodeOf(problem)).toBe(2)
  expect(String(problem)).toContain('ulimit -u')
  const missing = error('ENOENT')
  expect(startProblem(missing)).toBe(missing)
})
