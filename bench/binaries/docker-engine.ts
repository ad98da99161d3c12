/** What is to be known of a Docker Engine by its version. */
import { compareVersions } from './version.ts'

/** The first that drops packets from other machines to ports that are published on this one's loopback. */
const loopbackIsKeptSince = '28.0.0'

/**
 * What a person should know before running clusters on an Engine; `null` when there is nothing.
 * Source: https://docs.docker.com/engine/network/port-publishing/ (moby/moby#45610)
 */
export function engineWarning(version: string): string | null {
  if (compareVersions(version, loopbackIsKeptSince) >= 0) return null
  return (
    `with Docker Engine ${version}, other machines on the same network segment can reach ports that are published on ` +
    `127.0.0.1, and so the clusters in containers; upgrade to 28 where you do not trust them, or use --driver local`
  )
}
