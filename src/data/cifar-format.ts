// The binary version of CIFAR-10: a gzipped tar archive of batches; a row is a label and 1,024 red, green and blue bytes.
import { gunzipSync } from 'node:zlib'
import { DataError } from '../errors.ts'
import { readBytes } from './file.ts'
import type { Reading } from './file.ts'
import type { Table } from './table.ts'

const PIXELS = 32 * 32
const ROW = 1 + 3 * PIXELS
const BLOCK = 512
const MOST_BYTES = 2 ** 28

export async function readCifar(path: string, reading: Reading): Promise<{ train: Table; test: Table }> {
  const bytes = await readBytes(path, reading)
  const batches = tarEntries(decompress(bytes, path), path)
  const named = (pattern: RegExp): Uint8Array[] => {
    const found = [...batches].filter(([name]) => pattern.test(name)).sort(([a], [b]) => (a < b ? -1 : 1))
    if (found.length > 0) return found.map(([, content]) => content)
    throw new DataError(`${path}: there are no batches ${pattern.source} in the archive`)
  }
  return {
    train: tableOf(named(/data_batch_\d\.bin$/), path),
    test: tableOf(named(/test_batch\.bin$/), path),
  }
}

function decompress(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES })
  } catch (cause) {
    throw new DataError(`${path}: the archive is damaged (${cause instanceof Error ? cause.message : ''})`, {
      cause,
    })
  }
}

function tarEntries(archive: Uint8Array, path: string): Map<string, Uint8Array> {
  const entries = new Map<string, Uint8Array>()
  const text = (start: number, length: number): string =>
    (new TextDecoder('latin1').decode(archive.subarray(start, start + length)).split('\0')[0] ?? '').trim()
  for (let at = 0; at + BLOCK <= archive.length;) {
    const name = text(at, 100)
    const size = Number.parseInt(text(at + 124, 12) || '0', 8)
    if (name === '') break
    if (!(size >= 0) || at + BLOCK + size > archive.length)
      throw new DataError(`${path}: the archive is damaged at ${name}`)
    entries.set(name, archive.subarray(at + BLOCK, at + BLOCK + size))
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return entries
}

function tableOf(batches: readonly Uint8Array[], path: string): Table {
  const rows = batches.reduce((sum, batch) => sum + Math.floor(batch.length / ROW), 0)
  const images = new Uint8Array(rows * 3 * PIXELS)
  const labels = new Uint8Array(rows)
  let row = 0
  for (const batch of batches) {
    if (batch.length % ROW !== 0)
      throw new DataError(`${path}: a batch of ${batch.length} bytes is truncated`)
    for (let start = 0; start < batch.length; start += ROW, row++) {
      labels[row] = batch[start] ?? 0
      // From a plane for each color to the colors of each pixel.
      for (let channel = 0; channel < 3; channel++) {
        const plane = start + 1 + channel * PIXELS
        for (let i = 0; i < PIXELS; i++) images[(row * PIXELS + i) * 3 + channel] = batch[plane + i] ?? 0
      }
    }
  }
  return {
    name: path,
    rows,
    columns: [
      { kind: 'array', name: 'images', shape: [32, 32, 3], values: images },
      { kind: 'array', name: 'labels', shape: [], values: labels },
    ],
    place: (row) => `${path}: row ${row + 1}`,
  }
}
