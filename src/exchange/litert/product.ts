import type { Length } from '../batch.ts'
import { leastScales, quantizationOf, quantizedBias, quantizedWeights } from '../int8.ts'
import type { OperatorRanges } from '../int8.ts'
import { LitertType, NONE } from './model.ts'
import type { LitertTensor, ModelWriter } from './model.ts'
import type { OperatorOptions } from './schema.ts'

/** An operator of known weights, whose units or filters lie along an axis. */
export type LitertProduct = {
  readonly name: 'CONV_2D' | 'DEPTHWISE_CONV_2D' | 'FULLY_CONNECTED'
  readonly shape: readonly number[]
  readonly weights: Float32Array
  readonly axis: number
  readonly bias: Float32Array | undefined
  readonly options: OperatorOptions
}

/** Writes a product in float32, or in int8 where the ranges of its numbers are given. */
export function writeProduct(
  model: ModelWriter,
  x: LitertTensor,
  product: LitertProduct,
  lengths: readonly Length[],
  ranges: OperatorRanges | undefined,
): LitertTensor {
  const { name, shape, weights, axis, bias, options } = product
  if (!ranges) {
    const added = bias ? model.constant([bias.length], bias) : NONE
    return model.node(name, [x, model.constant(shape, weights), added], { lengths }, options)
  }
  const [input, output] = [quantizationOf(ranges.input), quantizationOf(ranges.output)]
  const small = quantizedWeights(weights, shape, axis, bias && leastScales(bias, input))
  const added = bias && quantizedBias(bias, input, small.quantization)
  const type = LitertType.int8
  const operands = [
    model.node('QUANTIZE', [x], { lengths: model.lengthsOf(x), type, quantization: input }),
    model.constant(shape, small.data, small.quantization),
    added ? model.constant([added.data.length], added.data, added.quantization) : NONE,
  ]
  const made = model.node(INT8[name], operands, { lengths, type, quantization: output }, options)
  return model.node('DEQUANTIZE', [made], { lengths })
}

/** The operators in the versions that take int8. */
const INT8 = {
  CONV_2D: 'CONV_2D_INT8',
  DEPTHWISE_CONV_2D: 'DEPTHWISE_CONV_2D_INT8',
  FULLY_CONNECTED: 'FULLY_CONNECTED_INT8',
} as const
