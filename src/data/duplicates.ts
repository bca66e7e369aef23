import type { Dataset } from './dataset.ts'

/** How many samples of one dataset stand in another too, and the first such pair. */
export type Shared = { count: number; first: { here: number; there: number } }

/** Samples of `here` whose inputs and targets are those of a sample of `there`. */
export function sharedSamples(here: Dataset, there: Dataset): Shared | undefined {
  const places = new Map<number, number[]>()
  for (const [sample, hash] of hashes(there).entries()) {
    const known = places.get(hash)
    if (known) known.push(sample)
    else places.set(hash, [sample])
  }
  let found: Shared | undefined
  for (const [sample, hash] of hashes(here).entries()) {
    const same = places.get(hash)?.find((other) => areEqual(here, sample, there, other))
    if (same === undefined) continue
    found ??= { count: 0, first: { here: sample, there: same } }
    found.count += 1
  }
  return found
}

/** FNV-1a over whole numbers, one hash a sample. */
function hashes(dataset: Dataset): Int32Array {
  const result = new Int32Array(dataset.rows).fill(0x811c9dc5 | 0)
  for (const { data } of [...dataset.inputs, ...dataset.targets]) {
    const words = wordsOf(data, dataset.rows)
    const size = words.length / (dataset.rows || 1)
    for (let row = 0; row < dataset.rows; row++) {
      let hash = result[row] ?? 0
      for (let i = row * size; i < (row + 1) * size; i++) hash = Math.imul(hash ^ (words[i] ?? 0), 0x01000193)
      result[row] = hash ^ (hash >>> 15)
    }
  }
  return result
}

/** The numbers' bits, four bytes at once where a row has so many. */
function wordsOf(data: Float32Array | Uint8Array | Int32Array, rows: number): Int32Array | Uint8Array {
  const isWhole = data.byteOffset % 4 === 0 && (data.byteLength / (rows || 1)) % 4 === 0
  if (isWhole) return new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

function areEqual(a: Dataset, sampleA: number, b: Dataset, sampleB: number): boolean {
  const [left, right] = [a, b].map(({ inputs, targets }) => [...inputs, ...targets])
  return (left ?? []).every(({ data }, i) => {
    const other = right?.[i]?.data
    const size = data.length / a.rows
    for (let k = 0; k < size; k++) {
      if (data[sampleA * size + k] !== other?.[sampleB * size + k]) return false
    }
    return true
  })
}
