/** Rewrites dpkg's list of installed packages into the one that apt is shown while it fetches. */

/** What apt must know of an installed package to count it as a satisfied dependency. */
const keptFields = /^(Package|Status|Architecture|Multi-Arch|Version|Provides|Essential):/

/**
 * The installed packages, without those built from `sources`, and each without its own dependencies.
 * - Packages to be fetched must not count as installed: apt would not download them, and redis-server's program
 *   is a link into redis-tools, which is worth nothing unless both come.
 * - Half-installed packages are no satisfied dependency: theirs may be the files that are missing.
 * - Without dependencies nothing installed can look broken, so apt does not ask to mend the system first.
 */
export function statusForFetching(status: string, sources: readonly string[]): string {
  return status
    .split(/\n\n+/)
    .filter((entry) => /^Status: install ok installed$/m.test(entry) && !sources.includes(sourceOf(entry)))
    .map(
      (entry) =>
        `${entry
          .split('\n')
          .filter((line) => keptFields.test(line))
          .join('\n')}\n`,
    )
    .join('\n')
}

/** The source package of an entry: its own name unless it says otherwise (`Source: redis (5:7.0.15)`). */
function sourceOf(entry: string): string {
  return (/^Source: (\S+)/m.exec(entry) ?? /^Package: (\S+)/m.exec(entry))?.[1] ?? ''
}
