import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { bytesOf } from '../bytes-of.ts'
import { inOrder } from '../data/rows/in-order.ts'
import { pickRows } from '../data/rows/picked-rows.ts'
import { windowsOf } from '../data/rows/row-set.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { emptySums, totalOf } from '../engine/engine.ts'
import type { MetricSums, Session } from '../engine/engine.ts'
import type { Ranks } from '../engine/ranks.ts'

/** Evaluates a model on the rows of a split; `look` is shown the rows while they are in memory. */
export async function evaluateRows(
  session: Session,
  split: RowSet,
  batchSize: number,
  look?: (encoded: EncodedRows) => Promise<void>,
): Promise<MetricSums> {
  let sums = emptySums()
  for await (const { encoded } of windowsOf(split, inOrder, { batchSize })) {
    sums = await session.evaluate(encoded, batchSize, sums)
    await look?.(encoded)
    if (encoded !== split.whole) session.unload(encoded)
  }
  return sums
}

/**
 * The same by all ranks, where there are some: each evaluates a run of whole batches, takes in the rows of one at a time, and
 * adds the sums of all batches in their order, as one process does.
 */
export async function evaluateOnRanks(
  session: Session,
  split: RowSet,
  batchSize: number,
  ranks: Ranks | undefined,
): Promise<MetricSums> {
  if (ranks === undefined) return evaluateRows(session, split, batchSize)
  const batches = Math.ceil(split.rows / batchSize)
  const startOf = (rank: number): number => Math.floor((rank * batches) / ranks.size)
  const first = startOf(ranks.rank)
  // A rank without a batch measures one, too: the sums of a batch tell the places of all.
  const last = Math.max(first + 1, startOf(ranks.rank + 1))
  const own: MetricSums[] = []
  const range = { from: first * batchSize, end: Math.min(split.rows, last * batchSize), batchSize }
  for await (const { encoded, order } of windowsOf(split, inOrder, range)) {
    for (let i = 0; i < order.length; i += batchSize) {
      const batch = pickRows(encoded, order.subarray(i, i + batchSize))
      own.push(await session.evaluate(batch, batchSize))
      session.unload(batch)
    }
  }
  const [like = emptySums()] = own
  const width = numbersOf(like).length
  const all = new Float64Array(batches * width)
  const placesOf = (rank: number): Float64Array =>
    all.subarray(startOf(rank) * width, startOf(rank + 1) * width)
  placesOf(ranks.rank).set(own.flatMap(numbersOf).slice(0, placesOf(ranks.rank).length))
  await ranks.gather(Array.from({ length: ranks.size }, (_, rank) => [bytesOf(placesOf(rank))]))
  return totalOf(
    Array.from({ length: batches }, (_, i) => sumsOf(all.subarray(i * width, (i + 1) * width), like)),
  )
}

function numbersOf({ rows, steps, loss, losses, metrics }: MetricSums): number[] {
  return [rows, steps, loss, ...losses.values(), ...Array.from(metrics.values(), (sums) => [...sums]).flat()]
}

/** The sums whose numbers these are, with the names and lengths of others. */
function sumsOf(numbers: Float64Array, { losses, metrics }: MetricSums): MetricSums {
  let place = 0
  const next = (length = 1): Float64Array => numbers.subarray(place, (place += length))
  const [rows = 0, steps = 0, loss = 0] = next(3)
  return {
    rows,
    steps,
    loss,
    losses: new Map(Array.from(losses.keys(), (name) => [name, next()[0] ?? 0])),
    metrics: new Map(Array.from(metrics, ([label, { length }]) => [label, next(length)])),
  }
}
