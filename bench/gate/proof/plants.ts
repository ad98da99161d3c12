/** Faults planted in a copy of the servers, to see whether the gate finds them; each is one small change of the source. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

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
  /** The part of the replica's CPU time per request that is added; 0 for other faults. */
  readonly cpu: number
  /** @param checkout whose `servers/` are changed @param busyIterations of PBKDF2 for each request */
  plant(checkout: string, busyIterations: number): void
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

const busy = (share: number, target: number, maxTimeMs: number): Scenario => ({
  name: `cpu-${Math.round(share * 100)}`,
  summary: `busy work of ${Math.round(share * 100)} % of the replica's CPU time per request`,
  expected: 'worse',
  maxTimeMs,
  share: 0.5,
  target,
  cpu: share,
  plant(checkout, busyIterations) {
    change(checkout, 'app.ts', 'import express', "import { pbkdf2Sync } from 'node:crypto'\nimport express")
    change(
      checkout,
      'app.ts',
      everyRequest,
      `${everyRequest}\n    pbkdf2Sync('busy', 'work', ${busyIterations}, 32, 'sha256')`,
    )
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
  cpu: 0,
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
    cpu: 0,
    plant() {},
  },
  // The largest first: what the work costs in a replica is learned from it for the others.
  busy(0.2, 1, twoMinutes),
  busy(0.1, 0.95, twoMinutes),
  busy(0.05, 0.8, fiveMinutes),
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
