import type { Dataset } from '../data/rows/dataset.ts'
import { inOrder } from '../data/rows/in-order.ts'
import { windowsOf } from '../data/rows/row-set.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { emptyTotals } from '../engine/engine.ts'
import type { Session, Totals } from '../engine/engine.ts'

/** Measures a model on the rows of a split; `look` may see the rows while they are in memory. */
export async function evaluateRows(
  session: Session,
  split: RowSet,
  batchSize: number,
  look?: (dataset: Dataset) => Promise<void>,
): Promise<Totals> {
  const totals = emptyTotals()
  for await (const { dataset } of windowsOf(split, inOrder, { batchSize })) {
    await session.evaluate(dataset, batchSize, totals)
    await look?.(dataset)
    if (dataset !== split.whole) session.unload(dataset)
  }
  return totals
}
