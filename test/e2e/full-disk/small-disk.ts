import { appendFile } from 'node:fs/promises'

import { disk, partsOf } from '../../../src/run/files.ts'
import type { FileSystem } from '../../../src/run/files.ts'

/** A file system with room for so many bytes more; what does not fit is written in part. */
export class SmallDisk {
  readonly files: FileSystem
  /** How many bytes were written. */
  used = 0
  #room: number
  #whenFull: () => void

  constructor(room: number, whenFull: () => void) {
    this.#room = room
    this.#whenFull = whenFull
    this.files = {
      ...disk,
      write: async (path, contents) => {
        const parts: Buffer[] = []
        for await (const part of partsOf(contents)) parts.push(Buffer.from(part))
        const bytes = Buffer.concat(parts)
        await disk.write(path, '')
        const taken = this.#take(bytes.length)
        await appendFile(path, bytes.subarray(0, taken))
        if (taken < bytes.length) throw full()
      },
      makeFolder: async (path) => {
        if (this.#room <= 0) throw full()
        await disk.makeFolder(path)
      },
      writeAt: (file, bytes, position) => {
        const taken = this.#take(bytes.length)
        if (taken === 0) throw full()
        return disk.writeAt(file, bytes.subarray(0, taken), position)
      },
    }
  }

  clear(): void {
    this.#room = Infinity
  }

  #take(bytes: number): number {
    const taken = Math.min(bytes, this.#room)
    this.#room -= taken
    this.used += taken
    if (taken < bytes) {
      this.#whenFull()
      this.#whenFull = () => undefined
    }
    return taken
  }
}

function full(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    syscall: 'write',
  })
}
