import { DataError } from '../../errors.ts'
import type { OutputState } from '../../runtime/preprocessing.ts'
import { quote } from '../../wording.ts'
import { inOrder } from '../rows/in-order.ts'
import { windowsOf } from '../rows/row-set.ts'
import type { TracedRows } from '../split/duplicates.ts'

/** Refuses training rows whose targets are no probabilities, for a loss that compares these. */
export async function refuseImprobable(
  { table, set }: TracedRows,
  outputs: readonly OutputState[],
): Promise<void> {
  const compared = outputs.filter(
    ({ kind, probabilities }) => kind === 'numbers' && probabilities !== undefined,
  )
  if (compared.length === 0) return
  for await (const { encoded } of windowsOf(set, inOrder)) {
    for (const output of compared) {
      const { data } = encoded.targets.find(({ name }) => name === output.name) ?? {}
      const at = data?.findIndex((value) => !(value >= 0 && value <= 1)) ?? -1
      if (!data || at < 0) continue
      const row = encoded.sourceRow[Math.floor((at * encoded.rows) / data.length)] ?? 0
      throw new DataError(
        `${table.place(row)}: the output ${quote(output.name)} is compared by a loss of probabilities, but its target is ${Number(data[at]?.toPrecision(7))} there: expected numbers from 0 to 1`,
        {
          hint: 'scale them, as in `features: {scale: min_max}` or {divide: 255}, or use a loss such as mean_squared_error',
        },
      )
    }
  }
}
