import * as fs from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { DataError, errorCode } from '../../errors.ts'

const read = promisify(fs.read)

/**
 * A file for rows on disk. It is unlinked as soon as it is open, so that the system removes it when
 * the process ends, in whatever way.
 */
export class SpoolFile {
  readonly #folder: string
  readonly #descriptor: number
  #size = 0

  constructor(folder: string) {
    this.#folder = folder
    this.#descriptor = this.#attempt(() => {
      fs.mkdirSync(folder, { recursive: true })
      const path = join(folder, `rows-${crypto.randomUUID()}`)
      const descriptor = fs.openSync(path, 'wx+', 0o600)
      fs.rmSync(path)
      return descriptor
    })
  }

  /** Appends bytes; returns the position where they start. */
  append({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
    const start = this.#size
    for (let done = 0; done < byteLength;) {
      const rest = new Uint8Array(buffer, byteOffset + done, byteLength - done)
      const written = this.#attempt(() =>
        fs.writeSync(this.#descriptor, rest, 0, rest.length, this.#size + done),
      )
      done += written
    }
    this.#size += byteLength
    return start
  }

  /** Fills an array with the bytes from `start` on, synchronously. */
  readSync<T extends ArrayBufferView>(start: number, into: T): T {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
    for (let done = 0; done < bytes.length;) {
      const count = fs.readSync(this.#descriptor, bytes, done, bytes.length - done, start + done)
      if (count === 0) throw this.#cutOff()
      done += count
    }
    return into
  }

  /** Fills an array with the bytes from `start` on. */
  async read<T extends ArrayBufferView>(start: number, into: T): Promise<T> {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await read(this.#descriptor, bytes, done, bytes.length - done, start + done)
      if (bytesRead === 0) throw this.#cutOff()
      done += bytesRead
    }
    return into
  }

  close(): void {
    fs.closeSync(this.#descriptor)
  }

  #attempt<T>(action: () => T): T {
    try {
      return action()
    } catch (cause) {
      const code = errorCode(cause)
      const why = code === undefined ? undefined : reasons[code]
      throw new DataError(
        `cannot write to ${this.#folder}, which holds rows on disk: ${why ?? String(cause)}`,
        {
          hint: 'make room, choose another folder with XDG_CACHE_HOME, or raise data.memory (of one process: ranks of MPI keep all rows on disk)',
          cause,
        },
      )
    }
  }

  #cutOff(): DataError {
    return new DataError(
      `a file in ${this.#folder}, which holds rows on disk, was cut off by another program`,
    )
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than the system allows',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
}
