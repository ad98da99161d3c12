/** Watches the load generator itself: was it the bottleneck, or late, while it measured? */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { z } from 'zod'
import { amount } from '../record/values.ts'
import { Latencies, type LatencyQuantile, type LatencySummary, latencySummary } from './latencies.ts'
import { ownRunDelayMicros } from './run-delay.ts'

/** How the generator did in one window. */
export const generatorAudit = z.strictObject({
  /** CPU time of the harness over wall time; 1 is a whole core. */
  cpuShare: amount,
  cpuMicros: amount,
  /** How long its threads were ready to run and had no core; `null` where the system does not tell. */
  runDelayMicros: amount.nullable(),
  eventLoopDelayP99Ms: amount,
  /** How late requests were sent, compared with when they were due; `null` for a closed loop. */
  sendLag: latencySummary.nullable(),
})
export type GeneratorAudit = z.infer<typeof generatorAudit>

/** An audit that is under way. */
export interface Audit {
  /** Takes how late one request was sent. */
  sent(lagMs: number): void
  finish(): GeneratorAudit
}

export function startAudit(): Audit {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const runDelayBefore = ownRunDelayMicros()
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const lags = new Latencies()
  return {
    sent: (lagMs) => lags.record(lagMs),
    finish() {
      delay.disable()
      const cpu = process.cpuUsage(cpuBefore)
      const cpuMicros = cpu.user + cpu.system
      const runDelay = ownRunDelayMicros()
      const sendLag = lags.summary()
      return {
        cpuMicros,
        // What a thread had waited leaves the sum when it ends.
        runDelayMicros:
          runDelay === null || runDelayBefore === null ? null : Math.max(0, runDelay - runDelayBefore),
        cpuShare: cpuMicros / 1000 / (performance.now() - startedAt),
        eventLoopDelayP99Ms: delay.percentile(99) / 1e6,
        sendLag: sendLag.count === 0 ? null : sendLag,
      }
    },
  }
}

/** Above this share of one core a single-threaded generator cannot send faster: what is measured is its own limit. */
const busyShare = 0.9
/** Paced requests that leave this late are no longer the load that was intended. */
const lateMs = 50

/** Why a window gets no verdict; `null` when the generator kept up. */
export function bottleneck(audit: GeneratorAudit): string | null {
  // A steady load turns the event loop while it waits, and so is busy without being short of time: there lateness tells.
  if (audit.sendLag === null) {
    return audit.cpuShare > busyShare
      ? `the load generator was the bottleneck (${Math.round(audit.cpuShare * 100)} % of a core)`
      : null
  }
  const lag = audit.sendLag.p99Ms ?? 0
  return lag > lateMs ? `the load generator sent late (p99 ${Math.round(lag)} ms)` : null
}

/** A latency of which more than this is the generator's own lag says too little of the cluster. */
const ownShare = 0.1

/**
 * Why a quantile of latency gets no verdict: too much of it is the generator's own; `null` when little is.
 * @param windows together; the quantile is averaged over them, as it is where it is told
 */
export function lagDoubt(
  windows: readonly { readonly generator: GeneratorAudit; readonly latency: LatencySummary }[],
  { key, name }: LatencyQuantile,
): string | null {
  const average = (values: readonly (number | null)[]) =>
    values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length
  const own = average(windows.map(({ generator }) => generator.sendLag?.[key] ?? 0))
  const all = average(windows.map(({ latency }) => latency[key]))
  if (own <= ownShare * all) return null
  return `the load generator's own lag is ${own.toFixed(2)} of ${all.toFixed(2)} ms at ${name.toLowerCase()}`
}
