import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { parseSize } from '../../byte-size.ts'
import { SpoolFile } from './spool-file.ts'

/** Of the memory for rows, the share of tables as they are read. What is made of them takes as much again, and more. */
const TABLE_SHARE = 1 / 4
/** Smaller blocks are not worth a place on disk. */
const BLOCK_SHARE = 1 / 16
/** The share of a window: three of the training rows are in memory at once, and two of each other split. */
const WINDOW_SHARE = 1 / 8

/** For so much memory as a config writes it; what does not fit goes into the cache folder. */
export function openSpool(memory: string, cache = join(tmpdir(), 'nnlab')): Spool {
  return new Spool(parseSize(memory), join(cache, 'rows'))
}

/** The memory that rows may take, and the place on disk for those that do not fit. */
export class Spool {
  /** In bytes. */
  readonly memory: number
  readonly #folder: string
  readonly #files = new Set<SpoolFile>()
  /** Bytes of the tables that stay in memory. */
  #held = 0

  constructor(memory: number, folder: string) {
    this.memory = memory
    this.#folder = folder
  }

  /** How many bytes of encoded rows may be in memory at once. */
  get windowBytes(): number {
    return this.memory * WINDOW_SHARE
  }

  /** Whether a table of so many bytes stays in memory, which it then does. */
  hold(bytes: number): boolean {
    const fits = this.#held + bytes <= this.memory * TABLE_SHARE
    if (fits) this.#held += bytes
    return fits
  }

  /** How many bytes of a growing table are enough for a block on disk, where it was not, or was, put there before. */
  blockBytes(isOnDisk: boolean): number {
    const block = this.memory * BLOCK_SHARE
    return isOnDisk ? block : Math.max(this.memory * TABLE_SHARE - this.#held, block)
  }

  /** Those that are open. */
  get files(): SpoolFile[] {
    return [...this.#files]
  }

  /** A file that lasts until the spool is closed. */
  open(): SpoolFile {
    const file = new SpoolFile(this.#folder)
    this.#files.add(file)
    return file
  }

  /** Gives back the room of files, or of all. */
  close(files: Iterable<SpoolFile> = this.files): void {
    for (const file of files) if (this.#files.delete(file)) file.close()
  }
}
