import type { Value } from '../../ir/ir.ts'
import { NONE } from './model.ts'
import type { LitertTensor } from './model.ts'
import type { LitertWriting } from './writing.ts'

/** A product with known weights is fully connected, with a bias where there is one; others are of two tensors. */
export function matmul(value: Value<'matmul'>, writing: LitertWriting, bias?: Float32Array): LitertTensor {
  const { a, b, transposeA, transposeB } = value
  const { model, tensorOf, knownOf, lengthsOf } = writing
  const lengths = lengthsOf(value)
  const weights = b.shape.length === 2 && !transposeA ? knownOf(b) : undefined
  if (weights === undefined) {
    if (bias !== undefined) throw new Error('a product of two tensors has no bias')
    const flags = { adj_x: Number(transposeA), adj_y: Number(transposeB) }
    return model.node('BATCH_MATMUL', [tensorOf(a), tensorOf(b)], { lengths }, flags)
  }
  const [units = 0, depth = 0] = transposeB ? b.shape : b.shape.toReversed()
  const rows = Float32Array.from({ length: units * depth }, (_, i) => {
    const [unit, at] = [Math.floor(i / depth), i % depth]
    return weights[transposeB ? i : at * units + unit] ?? NaN
  })
  const added = bias ? model.constant([units], bias) : NONE
  const operands = [tensorOf(a), model.constant([units, depth], rows), added]
  return model.node('FULLY_CONNECTED', operands, { lengths }, { keep_num_dims: 1 })
}
