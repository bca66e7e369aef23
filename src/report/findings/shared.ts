import type { Finding } from '../../components/callbacks/diagnosis/finding.ts'
import type { RepeatedRows } from '../../data/split/duplicates.ts'
import type { SplitName } from '../../table/table.ts'
import { count, percent } from '../text/format.ts'

/** The share of the rows from which they make metrics too good. */
const MANY = 0.05

/** Rows that are measured though the model was trained on them. */
export function sharedFindings(shared: RepeatedRows | undefined, on: SplitName): Finding[] {
  if (!shared) return []
  const { count: found, rows, here, there } = shared
  return [
    {
      severity: found >= MANY * rows ? 'serious' : 'note',
      text: `${count(found)} of the ${count(rows)} ${on} rows (${percent(found / rows)}) ${found === 1 ? 'is' : 'are'} among the training rows, too, such as ${here}, which is ${there}.`,
      advice:
        'The model has seen them: on new rows it fares worse than the metrics say. Remove repeated rows, or keep those that belong together in one split with data.split.group.',
    },
  ]
}
