import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

import type { Log } from '../components/callbacks/log.ts'
import { RunError } from '../errors.ts'
import { ASIDE, attempt, attemptSync } from './atomic.ts'
import { disk } from './files.ts'
import type { FileSystem } from './files.ts'

/** Interval at which what is logged reaches the file; it also does when it is synced or closed. */
const FLUSH_MS = 200

/** A file that grows. What the disk has no room for waits in memory. */
export class LogFile implements Log {
  readonly #path: string
  readonly #files: FileSystem
  readonly #run: string
  #file: number | undefined
  #written = 0
  /** Parts that were not tried to be written yet, and their length. */
  #parts: Buffer[] = []
  #length = 0
  /** Bytes that could not be written yet. */
  #rest = Buffer.alloc(0)
  #flushed = performance.now()

  /** `run` is the folder of the run, where that is not the file's own. */
  constructor(path: string, files: FileSystem = disk, run = dirname(path)) {
    this.#path = path
    this.#files = files
    this.#run = run
  }

  /** Opens the file and keeps its first bytes, which it must have. */
  open(bytes = 0): void {
    this.#file = attemptSync(this.#path, () => {
      separate(this.#path)
      // Opening a pipe would wait for who reads it.
      const flags =
        constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | (constants.O_NONBLOCK ?? 0)
      const file = openSync(this.#path, flags, 0o666)
      try {
        const found = fstatSync(file)
        if (!found.isFile()) throw new RunError(`${this.#path} is a pipe or a device, not a file`)
        const { size } = found
        if (size < bytes) throw tooShort(this.#path, size, bytes, this.#run)
        ftruncateSync(file, bytes)
      } catch (error) {
        closeSync(file)
        throw error
      }
      return file
    })
    this.#written = bytes
  }

  /** Length of the file with everything that was logged. */
  get bytes(): number {
    return this.#written + this.#rest.length + this.#length
  }

  write(data: string | Uint8Array): void {
    const part = Buffer.from(data)
    this.#parts.push(part)
    this.#length += part.length
    if (performance.now() - this.#flushed < FLUSH_MS) return
    this.#flushed = performance.now()
    try {
      this.#flush()
    } catch {
      // It stays in memory, and `sync` or `close` throws.
    }
  }

  /** Waits until everything that was logged is on the disk. */
  async sync(): Promise<void> {
    const file = this.#file
    if (file === undefined) return
    await attempt(this.#path, () => {
      this.#flush()
      return this.#files.sync(file)
    })
  }

  close(): void {
    const file = this.#file
    if (file === undefined) return
    attemptSync(this.#path, () => this.#flush())
    closeSync(file)
    this.#file = undefined
  }

  /** Closes the file where it is open, with as much of the log as there is room for. */
  drop(): void {
    const file = this.#file
    if (file === undefined) return
    try {
      this.#flush()
    } catch {
      // Training has failed, and its error is told.
    }
    closeSync(file)
    this.#file = undefined
  }

  #flush(): void {
    const file = this.#file
    if (this.#length > 0) this.#rest = Buffer.concat([this.#rest, ...this.#parts])
    this.#parts = []
    this.#length = 0
    while (file !== undefined && this.#rest.length > 0) {
      const taken = this.#files.writeAt(file, this.#rest, this.#written)
      this.#written += taken
      this.#rest = this.#rest.subarray(taken)
    }
  }
}

/** Makes a copy of a file that has other names, too, as in a backup of hard links: what those name stays as it is. */
function separate(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined || !found.isFile() || found.nlink < 2) return
  const aside = `${path}${ASIDE}${randomUUID()}`
  try {
    copyFileSync(path, aside)
    const copy = openSync(aside, constants.O_RDWR)
    try {
      fsyncSync(copy)
    } finally {
      closeSync(copy)
    }
    renameSync(aside, path)
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  }
}

/** Throws where a file is shorter than it was when a checkpoint was written. */
export async function requireLength(path: string, bytes: number): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size < bytes) throw tooShort(path, size, bytes, dirname(path))
}

function tooShort(path: string, size: number, bytes: number, run: string): RunError {
  return new RunError(`${path} has ${size} bytes, but the checkpoint was written when it had ${bytes}`, {
    hint: `the file was cut off or replaced: restore it, or start a new run from the last checkpoint: nnlab train --fork ${run}`,
  })
}
