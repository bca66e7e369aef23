import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Each byte takes all of its other values; else a few: the next digit, the other case, no ASCII, all bits flipped. */
const ALL = process.env['NNLAB_ALL_FLIPS'] !== undefined
const MASKS = ALL ? Array.from({ length: 255 }, (_, i) => i + 1) : [1, 4, 32, 128, 255]
export const TIMEOUT = ALL ? 7_200_000 : 120_000

/** Changes each byte of each file of a folder, or of those named, one at a time; returns how often. */
export async function eachFlip(
  folder: string,
  check: (what: string, file: string) => Promise<void>,
  names?: readonly string[],
): Promise<number> {
  let tried = 0
  for (const name of names ?? (await readdir(folder))) {
    const path = join(folder, name)
    const file = openSync(path, 'r+')
    for (const [i, byte] of readFileSync(path).entries()) {
      for (const mask of MASKS) {
        writeSync(file, Uint8Array.of(byte ^ mask), 0, 1, i)
        tried += 1
        await check(`${name}: byte ${i}, ${byte} -> ${byte ^ mask}`, path)
      }
      writeSync(file, Uint8Array.of(byte), 0, 1, i)
    }
    closeSync(file)
  }
  return tried
}
