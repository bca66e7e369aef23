import type { Value } from '../../ir/ir.ts'
import type { LitertTensor } from './model.ts'
import { writeProduct } from './product.ts'
import type { AddedBias, LitertWriting } from './writing.ts'

/** A product with known weights is fully connected, with a bias where there is one; others are of two tensors. */
export function matmul(value: Value<'matmul'>, writing: LitertWriting, added?: AddedBias): LitertTensor {
  const { a, b, transposeA, transposeB } = value
  const { model, tensorOf, lengthsOf, rangesOf } = writing
  const lengths = lengthsOf(value)
  const known = knownWeights(value, writing)
  if (known === undefined) {
    if (added !== undefined) throw new Error('a product of two tensors has no bias')
    const flags = { adj_x: Number(transposeA), adj_y: Number(transposeB) }
    return model.node('BATCH_MATMUL', [tensorOf(a), tensorOf(b)], { lengths }, flags)
  }
  const [units = 0, depth = 0] = transposeB ? b.shape : b.shape.toReversed()
  const weights = Float32Array.from({ length: units * depth }, (_, i) => {
    const [unit, at] = [Math.floor(i / depth), i % depth]
    return known[transposeB ? i : at * units + unit] ?? NaN
  })
  const product = {
    name: 'FULLY_CONNECTED' as const,
    shape: [units, depth],
    weights,
    axis: 0,
    bias: added?.bias,
    options: { keep_num_dims: 1 },
  }
  return writeProduct(model, tensorOf(a), product, lengths, rangesOf(a, added?.sum ?? value))
}

/** The weights of a product that can be fully connected. */
export function knownWeights(
  { b, transposeA }: Value<'matmul'>,
  { knownOf }: LitertWriting,
): ArrayLike<number> | undefined {
  return b.shape.length === 2 && !transposeA ? knownOf(b) : undefined
}
