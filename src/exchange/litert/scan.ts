import type { Value } from '../../ir/ir.ts'
import { nameOf, regionsOf, STEP } from '../../ir/ops/scan.ts'
import type { ModelWriter, LitertTensor } from './model.ts'
import type { LitertValue, LitertWriting } from './writing.ts'

/** A loop, step after step. */
export function scan(value: Value<'scan'>, writing: LitertWriting): LitertValue {
  const { body, steps, reverse, initial, captured, axes } = value
  const { model, tensorOf, writeBody } = writing
  const around = new Map(captured.map((x, n) => [nameOf('captured', n), x]))
  let states = initial.map(tensorOf)
  const yields: LitertTensor[][] = axes.map(() => [])
  for (let count = 0; count < steps; count++) {
    const step = reverse ? steps - 1 - count : count
    const made = writeBody(
      body,
      new Map([
        [STEP, model.constant([], Int32Array.of(step))],
        ...states.map((tensor, n) => [nameOf('state', n), tensor] as const),
      ]),
      around,
    )
    const resultOf = (kind: 'state' | 'yield', n: number): LitertTensor => made.get(nameOf(kind, n)) ?? 0
    for (const [n, list] of yields.entries()) list[step] = resultOf('yield', n)
    states = states.map((_, n) => resultOf('state', n))
  }
  const { finals, stacks } = regionsOf(value)
  const parts = new Map<number, () => LitertTensor>()
  for (const [n, { offset }] of finals.entries()) parts.set(offset, () => states[n] ?? 0)
  for (const [n, { offset }] of stacks.entries())
    parts.set(offset, () => stack(model, yields[n] ?? [], axes[n] ?? 0))
  return { tensor: 0, parts }
}

function stack(model: ModelWriter, parts: readonly LitertTensor[], axis: number): LitertTensor {
  const values_count = parts.length
  const lengths = model.lengthsOf(parts[0] ?? 0).toSpliced(axis, 0, { fixed: values_count })
  return model.node('PACK', parts, { lengths }, { values_count, axis })
}
