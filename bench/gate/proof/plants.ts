/** Faults planted in a copy of the servers, to see whether the gate finds them; each is one small change of the source. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { busyLoopSource } from './busy-loop.ts'

/** How the gate should answer, and how much of it is run. */
export interface Scenario {
  readonly name: string
  readonly summary: string
  readonly expected: 'fine' | 'worse'
  readonly maxTimeMs: number
  /** Of the number of gates asked for, how many are run of this one. */
  readonly share: number
  /** The rate that has to be reached; of false alarms for an unchanged head, of detections otherwise. */
  readonly target: number | null
  /** Microseconds of JavaScript that every `GET /me` takes more; 0 for other faults. */
  readonly loopMicros: number
  /** @param checkout whose `servers/` are changed @param iterations of the busy loop, by `calibrate` */
  plant(checkout: string, iterations: number): void
}

const twoMinutes = 120_000
const fiveMinutes = 300_000

function change(checkout: string, file: string, from: string, to: string): void {
  const path = join(checkout, 'servers', file)
  const text = readFileSync(path, 'utf8')
  if (!text.includes(from))
    throw new Error(`servers/${file} no longer has '${from}'; adapt bench/gate/proof/plants.ts`)
  writeFileSync(path, text.replace(from, to))
}

/** Where every request passes. */
const everyRequest = "res.setHeader('X-Replica', name)"

const loop = (micros: number, target: number | null, maxTimeMs: number): Scenario => ({
  name: `loop-${micros}`,
  summary: `${micros} µs of JavaScript more on every GET /me`,
  expected: 'worse',
  maxTimeMs,
  share: 1,
  target,
  loopMicros: micros,
  plant(checkout, iterations) {
    change(checkout, 'app.ts', 'const EXPECTED_BODY', `${busyLoopSource}const EXPECTED_BODY`)
    const route = "app.get('/me', (req, res) => {"
    change(checkout, 'app.ts', route, `${route}\n    busyLoop(${iterations})`)
  },
})

const other = (
  name: string,
  summary: string,
  target: number | null,
  plant: (checkout: string) => void,
): Scenario => ({
  name,
  summary,
  expected: 'worse',
  maxTimeMs: twoMinutes,
  share: 0.25,
  target,
  loopMicros: 0,
  plant,
})

export const scenarios: readonly Scenario[] = [
  {
    name: 'unchanged',
    summary: 'base and head are the same (A/A)',
    expected: 'fine',
    maxTimeMs: fiveMinutes,
    share: 1,
    target: 0.01,
    loopMicros: 0,
    plant() {},
  },
  loop(5, null, fiveMinutes),
  loop(10, 0.8, fiveMinutes),
  loop(20, 0.95, twoMinutes),
  loop(40, 1, twoMinutes),
  other('store-round-trip', 'every read of a session asks the store twice', 1, (checkout) =>
    change(
      checkout,
      'sessions/redis-client.ts',
      'get: (key) => answered(client.get(key)),',
      'get: (key) => answered(client.get(key).then(() => client.get(key))),',
    ),
  ),
  other('header-bytes', '300 bytes of header more in every answer', 1, (checkout) =>
    change(
      checkout,
      'app.ts',
      everyRequest,
      `${everyRequest}\n    res.setHeader('X-Padding', 'x'.repeat(287))`,
    ),
  ),
  other('broken-logout', 'logout answers but does not log out', 1, (checkout) =>
    change(checkout, 'app.ts', 'await strategy.destroy(req, res)', ''),
  ),
  other('broken-login', 'login answers but does not log in', 1, (checkout) =>
    change(checkout, 'app.ts', 'sessionOf(req).user = user', ''),
  ),
  other('memory-leak', '10 KB kept for every request', null, (checkout) => {
    change(checkout, 'app.ts', everyRequest, `${everyRequest}\n    leaked.push(Buffer.alloc(10_000, 1))`)
    change(checkout, 'app.ts', 'const EXPECTED_BODY', 'const leaked: Buffer[] = []\nconst EXPECTED_BODY')
  }),
]
