// Each op of the IR as operators of LiteRT.
import { sameShape, sizeOf } from '../../ir/ir.ts'
import type { BinaryFunction, Op, ReduceFunction, UnaryFunction, Value } from '../../ir/ir.ts'
import { sizesOf } from '../batch.ts'
import type { Length } from '../batch.ts'
import { quantizedWeights } from '../int8.ts'
import { trainingOnly } from '../training-only.ts'
import { product, broadcasting, isOne, reshape } from './lengths.ts'
import { knownWeights, matmul } from './matmul.ts'
import { LitertType } from './model.ts'
import type { ModelWriter, LitertTensor } from './model.ts'
import { scan } from './scan.ts'
import type { OperatorName } from './schema.ts'
import type { LitertValue, LitertWriting } from './writing.ts'
import { convolution, pool, transposedConvolution } from './windows.ts'

/** Applies operators to tensors of the same lengths and to numbers. */
type Calculator = {
  of(name: OperatorName, ...operands: readonly LitertTensor[]): LitertTensor
  number(value: number): LitertTensor
}

const UNARY: Readonly<
  Record<UnaryFunction, OperatorName | ((c: Calculator, x: LitertTensor) => LitertTensor)>
> = {
  abs: 'ABS',
  ceil: 'CEIL',
  cos: 'COS',
  erf,
  exp: 'EXP',
  expm1: (c, x) => c.of('SUB', c.of('EXP', x), c.number(1)),
  floor: 'FLOOR',
  log: 'LOG',
  log1p: (c, x) => c.of('LOG', c.of('ADD', x, c.number(1))),
  neg: 'NEG',
  relu: 'RELU',
  rsqrt: 'RSQRT',
  sigmoid: 'LOGISTIC',
  sign: 'SIGN',
  sin: 'SIN',
  softplus(c, x) {
    const power = c.of('EXP', c.of('NEG', c.of('ABS', x)))
    return c.of('ADD', c.of('RELU', x), c.of('LOG', c.of('ADD', power, c.number(1))))
  },
  sqrt: 'SQRT',
  square: 'SQUARE',
  tanh: 'TANH',
}

const BINARY: Readonly<Record<BinaryFunction, OperatorName>> = {
  add: 'ADD',
  sub: 'SUB',
  mul: 'MUL',
  div: 'DIV',
  max: 'MAXIMUM',
  min: 'MINIMUM',
  pow: 'POW',
  equal: 'EQUAL',
  less: 'LESS',
  less_equal: 'LESS_EQUAL',
}
const COMPARISONS: ReadonlySet<BinaryFunction> = new Set(['equal', 'less', 'less_equal'])

const REDUCE: Readonly<Record<ReduceFunction, OperatorName>> = {
  sum: 'SUM',
  max: 'REDUCE_MAX',
  min: 'REDUCE_MIN',
  prod: 'REDUCE_PROD',
}

type WriteOp<K extends Op> = (value: Value<K>, writing: LitertWriting) => LitertTensor | LitertValue

export const OPERATORS: { readonly [K in Op]: WriteOp<K> } = {
  input: ({ name }, { inputOf }) => inputOf(name),
  constant: ({ data, shape }, { model }) => model.constant(shape, data),
  unary(value, { model, tensorOf, lengthsOf }) {
    const lengths = lengthsOf(value)
    const formula = UNARY[value.function]
    const calculator: Calculator = {
      of: (name, ...operands) => model.node(name, operands, { lengths }),
      number: (number) => model.constant([], Float32Array.of(number)),
    }
    const x = tensorOf(value.x)
    return typeof formula === 'string' ? calculator.of(formula, x) : formula(calculator, x)
  },
  binary(value, writing) {
    const biased = value.function === 'add' ? withBias(value, writing) : undefined
    if (biased !== undefined) return biased
    const { model, tensorOf, lengthsOf } = writing
    const [lengths, name] = [lengthsOf(value), value.function]
    const isComparison = COMPARISONS.has(name)
    const type = isComparison ? LitertType.bool : typeOf(value)
    const result = broadcasting(model, [tensorOf(value.a), tensorOf(value.b)], lengths, (operands, merged) =>
      model.node(BINARY[name], operands, { lengths: merged, type }),
    )
    if (!isComparison) return result
    return { tensor: cast(model, result, lengths, LitertType.bool, LitertType.float), truth: result }
  },
  select(value, { model, tensorOf, truthOf, lengthsOf }) {
    const operands = [truthOf(value.condition), tensorOf(value.a), tensorOf(value.b)]
    return broadcasting(model, operands, lengthsOf(value), (inputs, lengths) =>
      model.node('SELECT_V2', inputs, { lengths }),
    )
  },
  reduce,
  argmax(value, { model, tensorOf, lengthsOf }) {
    const axis = model.constant([], Int32Array.of(value.axis))
    const [lengths, type] = [lengthsOf(value), LitertType.int32]
    return model.node('ARG_MAX', [tensorOf(value.x), axis], { lengths, type }, { output_type: type })
  },
  matmul,
  convolution,
  convolution_input_gradient: transposedConvolution,
  pool,
  gather,
  slice(value, { model, tensorOf, lengthsOf, partOf }) {
    if (value.x.op === 'scan') return partOf(value.x, value.starts[0] ?? 0)
    const lengths = lengthsOf(value)
    const operands = [tensorOf(value.x), model.integers(value.starts), model.integers(sizesOf(lengths))]
    return model.node('SLICE', operands, { lengths, type: typeOf(value) })
  },
  take(value, { model, tensorOf, lengthsOf }) {
    const operands = [tensorOf(value.x), tensorOf(value.index)]
    return model.node('GATHER', operands, { lengths: lengthsOf(value) }, { axis: value.axis })
  },
  pad(value, { model, tensorOf, lengthsOf }) {
    const paddings = model.constant([value.padding.length, 2], Int32Array.from(value.padding.flat()))
    const fill = model.constant([], Float32Array.of(value.value))
    return model.node('PADV2', [tensorOf(value.x), paddings, fill], { lengths: lengthsOf(value) })
  },
  concat(value, { model, tensorOf, lengthsOf }) {
    const { axis } = value
    return model.node('CONCATENATION', value.xs.map(tensorOf), { lengths: lengthsOf(value) }, { axis })
  },
  transpose(value, { model, tensorOf, lengthsOf }) {
    const permutation = model.integers(value.permutation)
    return model.node('TRANSPOSE', [tensorOf(value.x), permutation], { lengths: lengthsOf(value) })
  },
  reverse(value, { model, tensorOf, lengthsOf }) {
    const axis = model.integers([value.axis])
    return model.node('REVERSE_V2', [tensorOf(value.x), axis], { lengths: lengthsOf(value) })
  },
  reshape: (value, { model, tensorOf, lengthsOf }) => reshape(model, tensorOf(value.x), lengthsOf(value)),
  broadcast,
  cast(value, { model, tensorOf, lengthsOf }) {
    const [from, to] = [typeOf(value.x), typeOf(value)]
    const x = tensorOf(value.x)
    return from === to ? x : cast(model, x, lengthsOf(value), from, to)
  },
  iota() {
    throw new Error('the rows of a batch are not counted')
  },
  scan,
  stop_gradient: ({ x }, { tensorOf }) => tensorOf(x),
  ...trainingOnly,
}

/** The most axes of a tensor that XNNPACK reduces. */
const MOST_REDUCED = 6

/** A reduction; neighboring axes are one where there are too many. */
function reduce(value: Value<'reduce'>, { model, tensorOf, lengthsOf }: LitertWriting): LitertTensor {
  const { x, axes, function: name } = value
  const whole = lengthsOf(x)
  if (whole.length <= MOST_REDUCED) {
    const over = model.integers(axes)
    return model.node(REDUCE[name], [tensorOf(x), over], { lengths: lengthsOf(value) })
  }
  const groups: { readonly isReduced: boolean; readonly lengths: Length[] }[] = []
  for (const [axis, length] of whole.entries()) {
    const [last, isReduced] = [groups.at(-1), axes.includes(axis)]
    if (last?.isReduced === isReduced) last.lengths.push(length)
    else groups.push({ isReduced, lengths: [length] })
  }
  const merged = groups.map(({ lengths }) => product(lengths))
  const over = groups.flatMap(({ isReduced }, i) => (isReduced ? [i] : []))
  const lengths = merged.filter((_, i) => !over.includes(i))
  const given = [reshape(model, tensorOf(x), merged), model.integers(over)]
  return reshape(model, model.node(REDUCE[name], given, { lengths }), lengthsOf(value))
}

/** Rows of a tensor, or of a table of weights, which has a scale where products are in int8. */
function gather(value: Value<'gather'>, writing: LitertWriting): LitertTensor {
  const { x, indices } = value
  const { model, tensorOf, knownOf, lengthsOf, rangesOf } = writing
  const lengths = lengthsOf(value)
  const known = rangesOf(value, value) && knownOf(x)
  if (!known) return model.node('GATHER', [tensorOf(x), tensorOf(indices)], { lengths }, { axis: 0 })
  const flat = [1, known.length]
  const { data, quantization } = quantizedWeights(Float32Array.from(known), flat, 0)
  const operands = [model.constant(x.shape, data, quantization), tensorOf(indices)]
  const rows = model.node('GATHER', operands, { lengths, type: LitertType.int8, quantization }, { axis: 0 })
  return model.node('DEQUANTIZE', [rows], { lengths })
}

/** A product or a convolution and what is added to each of its units, as one operator. */
function withBias(value: Value<'binary'>, writing: LitertWriting): LitertTensor | undefined {
  const { a, b, shape } = value
  const known = writing.knownOf(b)
  const units = shape.at(-1) ?? 0
  if (known?.length !== units || b.shape.at(-1) !== units || !sameShape(a.shape, shape)) return undefined
  const added = { bias: Float32Array.from(known), sum: value }
  if (a.op === 'convolution') return convolution(a, writing, added)
  return a.op === 'matmul' && knownWeights(a, writing) ? matmul(a, writing, added) : undefined
}

/** Adds zeros of the new lengths: LiteRT itself would know them only when it runs. */
function broadcast(value: Value<'broadcast'>, writing: LitertWriting): LitertTensor {
  const { model, lengthsOf, zeros } = writing
  const lengths = lengthsOf(value)
  const own = lengthsOf(value.x)
  const missing = lengths.length - own.length
  /** The lengths that are new, and 1 for the others. */
  const added = lengths.map((length, axis): Length => {
    const before = own[axis - missing]
    return before === undefined || isOne(before) ? length : { fixed: 1 }
  })
  const grows = added.findIndex((length) => 'rows' in length)
  const length = added[grows]
  const known = added.map((one) => ('rows' in one ? 1 : one.fixed))
  const wide = broadcastKnown(value.x, known, writing)
  if (length === undefined) return wide
  const column = lengths.map((_, axis): Length => (axis === grows ? length : { fixed: 1 }))
  return broadcasting(model, [wide, reshape(model, zeros(length), column)], lengths, (operands, merged) =>
    model.node('ADD', operands, { lengths: merged }),
  )
}

/** A value with known lengths in the place of those that are 1 or absent. */
function broadcastKnown(x: Value, known: readonly number[], writing: LitertWriting): LitertTensor {
  const { model, tensorOf, knownOf, lengthsOf } = writing
  const numbers = knownOf(x)
  if (numbers?.length === 1)
    return model.constant(known, new Float32Array(sizeOf(known)).fill(numbers[0] ?? NaN))
  const own = lengthsOf(x)
  if (own.length === known.length && sizeOf(known) === 1) return tensorOf(x)
  const missing = known.length - own.length
  const lengths = known.map((length, axis): Length => {
    const before = own[axis - missing]
    return before === undefined || isOne(before) ? { fixed: length } : before
  })
  const zeros = model.constant(known, new Float32Array(sizeOf(known)))
  return broadcasting(model, [tensorOf(x), zeros], lengths, (operands, merged) =>
    model.node('ADD', operands, { lengths: merged }),
  )
}

function cast(
  model: ModelWriter,
  x: LitertTensor,
  lengths: readonly Length[],
  from: LitertType,
  to: LitertType,
): LitertTensor {
  return model.node('CAST', [x], { lengths, type: to }, { in: from, out: to })
}

/** A number as a truth value. */
export function truthOf(model: ModelWriter, x: LitertTensor, lengths: readonly Length[]): LitertTensor {
  return cast(model, x, lengths, LitertType.float, LitertType.bool)
}

function typeOf({ dtype }: Value): LitertType {
  return dtype === 'i32' ? LitertType.int32 : LitertType.float
}

/** Abramowitz and Stegun (1964), 7.1.26: within 1.5e-7. */
function erf(c: Calculator, x: LitertTensor): LitertTensor {
  const distance = c.of('ABS', x)
  const t = c.of('DIV', c.number(1), c.of('ADD', c.of('MUL', distance, c.number(0.3275911)), c.number(1)))
  const coefficients = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592]
  const [first = 0, ...others] = coefficients
  let sum = c.number(first)
  for (const coefficient of others) sum = c.of('ADD', c.of('MUL', sum, t), c.number(coefficient))
  const power = c.of('EXP', c.of('NEG', c.of('SQUARE', x)))
  const rest = c.of('MUL', c.of('MUL', sum, t), power)
  return c.of('MUL', c.of('SIGN', x), c.of('SUB', c.number(1), rest))
}
