/** Picks from apt-get's output the line that tells a person why it failed. */

/** What apt says as a consequence of an earlier trouble, which it has named before. */
const consequences = [
  /Some index files failed to download/,
  /Unable to fetch some archives/,
  /Unable to locate package/,
  /has no installation candidate/,
  /Couldn't find any package by/,
]

/** A full disk makes apt complain of much else afterwards (unreadable lists, unknown packages). */
const fullDisk = /No space left|enough free space|Disk quota/i

/** The last line that names a cause: a full disk, an error, a failed download, any error, or whatever came last. */
export function lastLineThatMatters(output: string): string {
  const lines = output
    .split(/[\n\r]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const isCause = (line: string) => !consequences.some((pattern) => pattern.test(line))
  return (
    lines.findLast((line) => fullDisk.test(line)) ??
    lines.findLast((line) => line.startsWith('E: ') && isCause(line)) ??
    lines.findLast((line) => line.startsWith('W: Failed to fetch')) ??
    lines.findLast((line) => line.startsWith('E: ')) ??
    lines.at(-1) ??
    'apt-get failed without a word'
  )
}
