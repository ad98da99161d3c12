/** The file that gates of a proof are written to, one line each, so that it can be gone on with in another session. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { constants, gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import { UsageError } from '../../errors.ts'
import { amount, commitId, count, metricName, name, seed } from '../../record/values.ts'
import { gateVerdict } from '../gate-record.ts'
import { pairRecord } from '../pair-record.ts'

const provenGate = z.strictObject({
  scenario: name,
  /** What was measured and how: gates of other kinds are not counted together. */
  kind: z.string(),
  startedAt: z.iso.datetime(),
  seed,
  commit: commitId,
  loadBefore: amount,
  /** What was planted on `GET /me`, and what a call of it cost in this process; `null` where the fault is another one. */
  loop: z.strictObject({ iterations: count, micros: amount }).nullable(),
  verdict: gateVerdict,
  /** The metrics, or findings about logins, that were worse. */
  worse: z.array(metricName),
  undecided: z.array(metricName),
  wallMs: amount,
  correctnessMs: amount,
  pairs: z.array(pairRecord),
})
export type ProvenGate = z.infer<typeof provenGate>

/**
 * All gates so far; a line that a kill has cut off is left out.
 * @param file of JSON lines; packed (gzip, RFC 1952) when its name ends with `.gz`
 * @throws {UsageError} for a line that does not fit
 */
export function readProof(file: string): ProvenGate[] {
  let text: string
  try {
    const content = readFileSync(file)
    text = (file.endsWith('.gz') ? gunzipSync(content) : content).toString()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return whole.split('\n').flatMap((line, index) => {
    if (line === '') return []
    const parsed = provenGate.safeParse(parseJson(line))
    if (parsed.success) return [parsed.data]
    throw new UsageError(`${file}, line ${index + 1} is not a gate of this version; move the file away`)
  })
}

/** After a line that a kill has cut off, it takes the place of that line. */
export function appendProof(file: string, gate: ProvenGate): void {
  mkdirSync(dirname(file), { recursive: true })
  if (existsSync(file)) truncateSync(file, readFileSync(file).lastIndexOf('\n') + 1)
  appendFileSync(file, `${JSON.stringify(provenGate.parse(gate))}\n`)
}

/** Of what is measured; the digits that follow are noise, and cost more room than all the rest. */
const significantDigits = 6

/** Counts and seeds stay as they are. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value !== 'number' || Number.isInteger(value)
    ? value
    : Number(value.toPrecision(significantDigits))
}

/**
 * Writes gates so that they can be kept in the repository, what was measured rounded to six digits.
 * @returns the bytes written
 */
export function packProof(file: string, gates: readonly ProvenGate[]): number {
  mkdirSync(dirname(file), { recursive: true })
  const lines = gates.map((gate) => `${JSON.stringify(provenGate.parse(gate), rounded)}\n`)
  const packed = gzipSync(lines.join(''), { level: constants.Z_BEST_COMPRESSION })
  writeFileSync(file, packed)
  return packed.length
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null // the schema says what is wrong
  }
}
