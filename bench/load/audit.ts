/** Watches the load generator itself: was it the bottleneck, or late, while it measured? */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { z } from 'zod'
import { Latencies } from './latencies.ts'

/** How the generator did in one window. */
export const generatorAudit = z.object({
  /** CPU time of the harness over wall time; 1 is a whole core. */
  cpuShare: z.number(),
  cpuMicros: z.number(),
  eventLoopDelayP99Ms: z.number(),
  /** How late requests were sent, compared with when they were due; `null` for a closed loop. */
  sendLagP99Ms: z.number().nullable(),
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
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const lags = new Latencies()
  return {
    sent: (lagMs) => lags.record(lagMs),
    finish() {
      delay.disable()
      const cpu = process.cpuUsage(cpuBefore)
      const cpuMicros = cpu.user + cpu.system
      return {
        cpuMicros,
        cpuShare: cpuMicros / 1000 / (performance.now() - startedAt),
        eventLoopDelayP99Ms: delay.percentile(99) / 1e6,
        sendLagP99Ms: lags.summary().p99Ms,
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
  if (audit.cpuShare > busyShare) {
    return `the load generator was the bottleneck (${Math.round(audit.cpuShare * 100)} % of a core)`
  }
  if (audit.sendLagP99Ms !== null && audit.sendLagP99Ms > lateMs) {
    return `the load generator sent late (p99 ${Math.round(audit.sendLagP99Ms)} ms)`
  }
  return null
}
