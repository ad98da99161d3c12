/** The folder of one gate: every pair the moment it was measured, and in the end what came of them. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRunFolder, readJson } from '../record/folder.ts'
import { type GateRecord, gateRecord } from './gate-record.ts'
import { type PairRecord, pairRecord } from './pair-record.ts'

export interface GateFolder {
  readonly path: string
  appendPair(pair: PairRecord): void
  writeRecord(record: GateRecord): void
  writeText(name: string, text: string): void
}

/**
 * Makes `out/gates/id`, and lets `out/gates/latest` point to it.
 * @param say is told when somebody has removed it and it was made again: what is decided does not depend on it
 */
export function createGateFolder(out: string, id: string, say: (line: string) => void): GateFolder {
  const { path, keep, writeText } = createRunFolder(join(out, 'gates'), id, () =>
    say(`${path} was removed while the gate goes on; it was made again, without the pairs that were in it`),
  )
  return {
    path,
    appendPair(pair) {
      keep()
      appendFileSync(join(path, 'pairs.jsonl'), `${JSON.stringify(pairRecord.parse(pair))}\n`)
    },
    writeRecord: (record) => writeText('gate.json', `${JSON.stringify(gateRecord.parse(record), null, 1)}\n`),
    writeText,
  }
}

/**
 * What a gate has written down.
 * @param path its folder
 * @throws {UsageError} when it is missing, or does not fit
 */
export function readGate(path: string): GateRecord {
  return readJson(join(path, 'gate.json'), gateRecord)
}
