/** Pairs as short as can be: for what of a gate does not depend on how much was measured. */
import { defaultSettings, type PairSettings } from '../pair.ts'

export const shortestSettings: PairSettings = {
  ...defaultSettings,
  replicas: 1,
  warmUp: { chunk: 100, least: 100, most: 100 },
  rounds: 1,
  windowMs: 60,
  settlingMs: 50,
  pacedMs: 200,
  ratePerSecond: 200,
}
