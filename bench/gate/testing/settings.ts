/** Pairs as short as can be: for what of a gate does not depend on how much was measured. */
import { defaultSettings, type PairSettings } from '../pair.ts'

export const shortestSettings: PairSettings = {
  ...defaultSettings,
  replicas: 1,
  warmUpMs: 100,
  settlingMs: 50,
  pacedMs: 200,
  ratePerSecond: 200,
}
