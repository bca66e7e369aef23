import { counted } from './table.ts'
import type { Dataset } from './dataset.ts'
import type { Table } from './table.ts'

/** Samples with the table that they come from. */
type Origin = { table: Table; dataset: Dataset }

/** What to tell of test samples that were trained on, if there are any. */
export function sharedNote(train: Origin, test: Origin): string | undefined {
  const shared = sharedSamples(test.dataset, train.dataset)
  if (!shared) return undefined
  const { count, first } = shared
  const here = test.table.place(test.dataset.sourceRow[first.here] ?? 0)
  const there = train.table.place(train.dataset.sourceRow[first.there] ?? 0)
  return `${counted(count, 'row')} of the ${test.dataset.rows} in the test split ${count === 1 ? 'stands' : 'stand'} in the training split too, such as ${here} and ${there}: what is known already says little about new rows`
}

/** How many samples of `here` have the inputs and targets of a sample of `there`, and the first such pair. */
function sharedSamples(
  here: Dataset,
  there: Dataset,
): { count: number; first: { here: number; there: number } } | undefined {
  const hashesHere = hashes(here)
  const wanted = new Set(hashesHere)
  const places = new Map<number, number[]>()
  for (const [sample, hash] of hashes(there).entries()) {
    if (!wanted.has(hash)) continue
    const known = places.get(hash)
    if (known) known.push(sample)
    else places.set(hash, [sample])
  }
  let found: ReturnType<typeof sharedSamples>
  for (const [sample, hash] of hashesHere.entries()) {
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
