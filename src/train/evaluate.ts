import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { inOrder } from '../data/rows/in-order.ts'
import { windowsOf } from '../data/rows/row-set.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { emptySums } from '../engine/engine.ts'
import type { MetricSums, Session } from '../engine/engine.ts'

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
