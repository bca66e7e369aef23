import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SpoolFile } from './spool-file.ts'

/** The share of the memory for tables as they are read; encoded rows take as much again, and more. */
const TABLE_SHARE = 1 / 4
/** The share of the smallest block that is written to disk. */
const BLOCK_SHARE = 1 / 16
/** The share of a window: three windows of training rows are in memory at once, and two of each other split. */
const WINDOW_SHARE = 1 / 8

/** The memory that rows may take, and the files in the cache folder for those that do not fit. */
export class Spool {
  /** In bytes. */
  readonly memory: number
  /** Encoded rows go to disk where memory has room for them, too. */
  readonly storesAll: boolean
  readonly #folder: string
  readonly #files = new Set<SpoolFile>()
  /** Bytes of the tables that stay in memory. */
  #held = 0

  constructor(memory: number, cache = join(tmpdir(), 'nnlab'), storesAll = false) {
    this.memory = memory
    this.storesAll = storesAll
    this.#folder = join(cache, 'rows')
  }

  /** The bytes of encoded rows that may be in memory at once. */
  get windowBytes(): number {
    return this.memory * WINDOW_SHARE
  }

  /** Reserves memory for a table; false where it does not fit. */
  hold(bytes: number): boolean {
    const fits = this.#held + bytes <= this.memory * TABLE_SHARE
    if (fits) this.#held += bytes
    return fits
  }

  /** The bytes of a growing table that make a block on disk; the first may be larger, in case all of it fits. */
  blockBytes(isOnDisk: boolean): number {
    const block = this.memory * BLOCK_SHARE
    return isOnDisk ? block : Math.max(this.memory * TABLE_SHARE - this.#held, block)
  }

  /** The open files. */
  get files(): SpoolFile[] {
    return [...this.#files]
  }

  /** A file that lasts until the spool is closed. */
  open(): SpoolFile {
    const file = new SpoolFile(this.#folder)
    this.#files.add(file)
    return file
  }

  /** Closes files, or all of them. */
  close(files: Iterable<SpoolFile> = this.files): void {
    for (const file of files) if (this.#files.delete(file)) file.close()
  }
}
