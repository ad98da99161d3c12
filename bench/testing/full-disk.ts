/**
 * Lets a disk be full for the files of some name. As a preload (`--import`) it does so from the start, for the name in
 * FULL_DISK_FOR.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** From now on the disk is full for whoever writes a file with `name` in its path: it is made, and nothing gets in. */
export function fullDiskFor(name: string): Disposable {
  const { writeFileSync } = fs
  fs.writeFileSync = (file, data, options) => {
    const full = String(file).includes(name)
    writeFileSync(file, full ? '' : data, options)
    if (!full) return
    const error = new Error(`ENOSPC: no space left on device, write`)
    throw Object.assign(error, { code: 'ENOSPC', syscall: 'write' })
  }
  syncBuiltinESMExports()
  return {
    [Symbol.dispose]() {
      fs.writeFileSync = writeFileSync
      syncBuiltinESMExports()
    },
  }
}

const { FULL_DISK_FOR: name } = process.env
if (name) fullDiskFor(name)
