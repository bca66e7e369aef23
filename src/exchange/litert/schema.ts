// Operators of LiteRT: their codes (tflite.BuiltinOperator), the versions that are used, and their options
// (tflite.BuiltinOptions) with the fields that are not always at their defaults.
import { byte, int32 } from './flatbuffer.ts'

type OptionField = readonly [name: string, of: typeof byte | typeof int32]

type OperatorForm = {
  readonly code: number
  readonly version: number
  /** 0: none. */
  readonly optionsType: number
  readonly fields: readonly OptionField[]
}

/** The options of an operator by their names. */
export type OperatorOptions = Readonly<Record<string, number>>

function operator(
  code: number,
  optionsType = 0,
  fields: OperatorForm['fields'] = [],
  version = 1,
): OperatorForm {
  return { code, version, optionsType, fields }
}

const CONVOLUTION: readonly OptionField[] = [
  ['padding', byte],
  ['stride_w', int32],
  ['stride_h', int32],
]
const DILATION: readonly OptionField[] = [
  ['fused_activation', byte],
  ['dilation_w', int32],
  ['dilation_h', int32],
]
const POOL: readonly OptionField[] = [...CONVOLUTION, ['filter_width', int32], ['filter_height', int32]]
const CONNECTED: readonly OptionField[] = [
  ['fused_activation', byte],
  ['weights_format', byte],
  ['keep_num_dims', byte],
]

export const OPERATORS = {
  ABS: operator(101, 78),
  ADD: operator(0, 11),
  ARG_MAX: operator(56, 40, [['output_type', byte]]),
  AVERAGE_POOL_2D: operator(1, 5, POOL),
  BATCH_MATMUL: operator(126, 101, [
    ['adj_x', byte],
    ['adj_y', byte],
  ]),
  CAST: operator(53, 37, [
    ['in', byte],
    ['out', byte],
  ]),
  CEIL: operator(104),
  CONCATENATION: operator(2, 10, [['axis', int32]]),
  CONV_2D: operator(3, 1, [...CONVOLUTION, ...DILATION], 2),
  CONV_2D_INT8: operator(3, 1, [...CONVOLUTION, ...DILATION], 3),
  COS: operator(108, 84),
  DEPTHWISE_CONV_2D: operator(4, 2, [...CONVOLUTION, ['depth_multiplier', int32], ...DILATION], 2),
  DEPTHWISE_CONV_2D_INT8: operator(4, 2, [...CONVOLUTION, ['depth_multiplier', int32], ...DILATION], 3),
  DEQUANTIZE: operator(6, 38, [], 2),
  DIV: operator(42, 29),
  EQUAL: operator(71, 53),
  EXP: operator(47, 33),
  FLOOR: operator(8),
  FULLY_CONNECTED: operator(9, 8, CONNECTED, 5),
  // A scale for each unit.
  FULLY_CONNECTED_INT8: operator(9, 8, CONNECTED, 12),
  GATHER: operator(36, 23, [['axis', int32]], 2),
  LESS: operator(58, 41),
  LESS_EQUAL: operator(63, 46),
  LOG: operator(73),
  LOGISTIC: operator(14),
  MAXIMUM: operator(55, 39),
  MAX_POOL_2D: operator(17, 5, POOL),
  MINIMUM: operator(57, 39),
  MUL: operator(18, 21),
  NEG: operator(59, 42),
  PACK: operator(83, 59, [
    ['values_count', int32],
    ['axis', int32],
  ]),
  PADV2: operator(60, 43),
  POW: operator(78, 56),
  QUANTIZE: operator(114, 89),
  REDUCE_MAX: operator(82, 27, [['keep_dims', byte]]),
  REDUCE_MIN: operator(89, 27, [['keep_dims', byte]]),
  REDUCE_PROD: operator(81, 27, [['keep_dims', byte]]),
  RELU: operator(19),
  RESHAPE: operator(22, 17),
  REVERSE_V2: operator(105, 81),
  RSQRT: operator(76),
  SELECT_V2: operator(123, 98),
  SIGN: operator(158),
  SIN: operator(66),
  SLICE: operator(65, 48, [], 3),
  SQRT: operator(75),
  SQUARE: operator(92, 66),
  SUB: operator(41, 28),
  SUM: operator(74, 27, [['keep_dims', byte]]),
  TANH: operator(28),
  TRANSPOSE: operator(39, 26, [], 4),
} as const satisfies Readonly<Record<string, OperatorForm>>

export type OperatorName = keyof typeof OPERATORS
