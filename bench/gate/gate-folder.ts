/** The folder of one gate: every pair the moment it was measured, and in the end what came of them. */
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createRunFolder } from '../record/folder.ts'
import { type GateRecord, gateRecord } from './gate-record.ts'
import { type PairRecord, pairRecord } from './pair-record.ts'

export interface GateFolder {
  readonly path: string
  appendPair(pair: PairRecord): void
  writeRecord(record: GateRecord): void
  writeText(name: string, text: string): void
}

/** Makes `out/gates/id`, and lets `out/gates/latest` point to it. */
export function createGateFolder(out: string, id: string): GateFolder {
  mkdirSync(join(out, 'gates'), { recursive: true })
  const { path, writeText } = createRunFolder(join(out, 'gates'), id)
  return {
    path,
    appendPair: (pair) =>
      appendFileSync(join(path, 'pairs.jsonl'), `${JSON.stringify(pairRecord.parse(pair))}\n`),
    writeRecord: (record) => writeText('gate.json', `${JSON.stringify(gateRecord.parse(record), null, 1)}\n`),
    writeText,
  }
}
