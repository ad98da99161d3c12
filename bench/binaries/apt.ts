/** Drives apt-get inside one folder of its own: it reads the system's sources and keys and writes nothing outside. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lastLineThatMatters } from './apt-output.ts'
import { statusForFetching } from './dpkg-status.ts'
import { runToEnd } from './process-group.ts'

/**
 * Read after the system's own apt configuration, and undoes what must not happen here; proxies and keys stay.
 * - Hooks: PackageKit, appstream, docker-clean and others hang commands on `update` that change the system's caches.
 * - Signatures: what is fetched is run, so no option may loosen their check. `[trusted=yes]` of a single source stays: it is
 *   said of that source by whoever runs the machine.
 * - Indexes besides Packages (desktop icons, file lists, sources) are tens of megabytes that nobody reads here.
 */
const overrides = [
  ...[
    'APT::Update::Pre-Invoke',
    'APT::Update::Post-Invoke',
    'APT::Update::Post-Invoke-Success',
    'DPkg::Pre-Invoke',
    'DPkg::Post-Invoke',
    'DPkg::Pre-Install-Pkgs',
    'AptCli::Hooks',
    'APT::Architectures',
    'Acquire::Languages',
    'Acquire::IndexTargets::deb-src',
    'Acquire::IndexTargets::deb::DEP-11',
    'Acquire::IndexTargets::deb::DEP-11-icons',
    'Acquire::IndexTargets::deb::DEP-11-icons-small',
    'Acquire::IndexTargets::deb::DEP-11-icons-large',
    'Acquire::IndexTargets::deb::DEP-11-icons-hidpi',
    'Acquire::IndexTargets::deb::DEP-11-icons-large-hidpi',
    'Acquire::IndexTargets::deb::CNF',
    'Acquire::IndexTargets::deb::Contents-deb',
    'Acquire::IndexTargets::deb::Contents-deb-legacy',
    'Acquire::IndexTargets::deb::Contents-udeb',
  ].map((name) => `#clear ${name};`),
  'Acquire::Languages "none";',
  // Nothing is shared with another apt: the system's locks need root, and there is nobody to lock out.
  'Debug::NoLocking "1";',
  // As root, apt would drop to the user _apt, who may not enter this folder.
  'APT::Sandbox::User "root";',
  // Each of these would let packages in that nobody has signed; some machines have one set for a source of their own.
  'Acquire::AllowInsecureRepositories "false";',
  'Acquire::AllowWeakRepositories "false";',
  'Acquire::AllowDowngradeToInsecureRepositories "false";',
  'APT::Get::AllowUnauthenticated "false";',
  'APT::Get::Force-Yes "false";',
  'APT::Install-Recommends "false";',
  'APT::Install-Suggests "false";',
  '',
].join('\n')

/** dpkg's list of installed packages; readable by everyone. */
const dpkgStatus = '/var/lib/dpkg/status'

/** An apt-get that works in one folder. */
export interface PrivateApt {
  /** Downloads the packages' lists. What single sources failed to deliver is forgiven, for others may have what is needed. */
  update(signal: AbortSignal): Promise<void>
  /**
   * Downloads a package with all dependencies that are not installed, and answers the paths of the .deb files.
   * @throws AptError with the last line that matters, of this and of `update`.
   */
  download(debianPackage: string, signal: AbortSignal): Promise<string[]>
}

/** apt-get did not deliver; the message is the line of its output that says why. */
export class AptError extends Error {
  override readonly name = 'AptError'
}

/**
 * Prepares an apt-get that writes only below `folder` and takes the packages built from `sources` for not installed.
 * @param architecture Debian's name of the only architecture wanted, e.g. `amd64`.
 */
export async function privateApt(
  folder: string,
  architecture: string,
  sources: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<PrivateApt> {
  const config = join(folder, 'apt.conf')
  const status = join(folder, 'status')
  await mkdir(join(folder, 'lists', 'partial'), { recursive: true })
  await writeFile(config, `${overrides}APT::Architectures { "${architecture}"; };\n`)
  await writeFile(status, statusForFetching(await readFile(dpkgStatus, 'utf8'), sources))

  // Paths go in as arguments, not into the file, whose syntax has no way to quote a quotation mark.
  const places = {
    'Dir::State': folder,
    'Dir::State::status': status,
    'Dir::State::extended_states': join(folder, 'extended_states'),
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::Cache': folder,
    'Dir::Cache::pkgcache': join(folder, 'pkgcache.bin'),
    'Dir::Cache::srcpkgcache': '',
    'Dir::Log': folder,
  }
  let said = ''
  const aptGet = async (
    settings: Readonly<Record<string, string>>,
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> => {
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    // Untranslated, because its output is read here.
    const ended = await runToEnd('apt-get', ['-c', config, ...options, '-q', '-y', ...args], {
      env: { ...env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      signal,
    })
    said += ended.output
    return ended.code === 0
  }

  return {
    async update(signal) {
      await aptGet(places, ['update'], signal)
    },
    async download(debianPackage, signal) {
      const archives = join(folder, 'archives', debianPackage)
      await mkdir(join(archives, 'partial'), { recursive: true })
      const settings = { ...places, 'Dir::Cache::archives': archives }
      const done = await aptGet(settings, ['install', '--download-only', debianPackage], signal)
      if (!done) throw new AptError(lastLineThatMatters(said))
      const names = (await readdir(archives)).filter((name) => name.endsWith('.deb'))
      if (names.length === 0) throw new AptError(`apt-get downloaded nothing for ${debianPackage}`)
      return names.map((name) => join(archives, name))
    },
  }
}
