import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

import { disk, partsOf } from '../../../src/run/files.ts'
import type { FileSystem } from '../../../src/run/files.ts'

/** A file system on which everything takes so long that a process is likely to be killed in the middle of it. */
export function slowFiles(pause: () => number): FileSystem {
  const wait = (): Promise<void> => sleep(pause())
  return {
    ...disk,
    async write(path, contents) {
      const parts: Buffer[] = []
      for await (const part of partsOf(contents)) parts.push(Buffer.from(part))
      const bytes = Buffer.concat(parts)
      const file = await open(path, 'w')
      try {
        const half = Math.floor(bytes.length / 2)
        await file.write(bytes.subarray(0, half))
        await wait()
        await file.write(bytes.subarray(half))
        await file.sync()
      } finally {
        await file.close()
      }
    },
    async rename(from, to) {
      await wait()
      await disk.rename(from, to)
      await wait()
    },
    async remove(path) {
      await wait()
      await disk.remove(path)
    },
    // Logs, too, reach the disk in pieces.
    writeAt: (file, bytes, position) =>
      disk.writeAt(file, bytes.subarray(0, Math.ceil(bytes.length / 2)), position),
  }
}
