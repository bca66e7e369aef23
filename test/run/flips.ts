import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { runs } from '../runs.ts'

/** Each byte takes all of its other values; else one, and several with NNLAB_TEST_RUNS or another NNLAB_SEED. */
const ALL = process.env['NNLAB_ALL_FLIPS'] !== undefined
const SEED = Number(process.env['NNLAB_SEED'] ?? 1)
export const TIMEOUT = ALL ? 7_200_000 : 120_000

/** The bits of a byte that change: in turn one, and some. */
function masksOf(place: number): readonly number[] {
  if (ALL) return Array.from({ length: 255 }, (_, i) => i + 1)
  return Array.from({ length: runs(1) }, (_, i) =>
    (place + i) % 2 === 0 ? 1 << (((place + i) / 2 + SEED) % 8) : 1 + ((37 * (place + i) + SEED) % 255),
  )
}

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
      for (const mask of masksOf(i)) {
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
