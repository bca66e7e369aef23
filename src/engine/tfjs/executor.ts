import { sizeOf } from '../../ir/ir.ts'
import type { BinaryFunction, Op, Program, ReduceFunction, UnaryFunction, Value } from '../../ir/ir.ts'
import { nameOf, regionsOf, STEP } from '../../ir/ops/scan.ts'
import { randomUniform, stream } from '../../random.ts'
import type { Tensor, Tf } from './backend.ts'
import { dilate } from './kernels/windows.ts'
import { convolution, convolutionInputGradient, pairsOf, pool } from './windows.ts'

/** Executes a program operation by operation on the backend that is set; TensorFlow.js can differentiate through it. */
export function execute(
  tf: Tf,
  program: Program,
  inputs: ReadonlyMap<string, Tensor>,
  seed: number,
): Map<string, Tensor> {
  const results = new Map<Value, Tensor>()
  const read = (value: Value): Tensor => {
    const tensor = results.get(value)
    if (tensor === undefined) throw new Error(`value ${value.id} is used before it is made`)
    return tensor
  }
  for (const value of program.values) results.set(value, evaluate(value, { tf, read, inputs, seed }))
  return new Map([...program.outputs].map(([name, value]) => [name, read(value)]))
}

type TensorExecution = {
  readonly tf: Tf
  readonly read: (value: Value) => Tensor
  readonly inputs: ReadonlyMap<string, Tensor>
  readonly seed: number
}

function evaluate<K extends Op>(value: Value<K>, execution: TensorExecution): Tensor {
  return EVALUATE[value.op](value, execution)
}

/** The tensor of a value of each op. */
const EVALUATE: { readonly [K in Op]: (value: Value<K>, execution: TensorExecution) => Tensor } = {
  input({ name }, { inputs }) {
    const tensor = inputs.get(name)
    if (tensor === undefined) throw new Error(`no tensor is given for the input ${name}`)
    return tensor
  },
  constant: (value, { tf }) => tf.tensor(value.data, [...value.shape], dtypeOf(value)),
  unary: (value, { tf, read }) => UNARY[value.function](tf, read(value.x)),
  binary: (value, { tf, read }) => BINARY[value.function](tf, read(value.a), read(value.b)),
  select({ condition, a, b }, { tf, read }) {
    const test = detached(tf, () => tf.notEqual(read(condition), 0))
    return tf.where(test, read(a), read(b))
  },
  reduce: (value, { tf, read }) => REDUCE[value.function](tf, read(value.x), [...value.axes]),
  argmax: ({ x, axis }, { tf, read }) => detached(tf, () => tf.argMax(read(x), axis)),
  matmul: (value, { tf, read }) => matmul(tf, value, read(value.a), read(value.b)),
  // Dilated kernels: native TensorFlow has no dilated convolutions in space, and no backend has their gradients.
  convolution: (value, { tf, read }) =>
    convolution(tf, value, read(value.x), dilate(tf, read(value.kernel), value.dilation)),
  convolution_input_gradient: (value, { tf, read }) =>
    convolutionInputGradient(tf, value, read(value.dy), dilate(tf, read(value.kernel), value.dilation)),
  pool: (value, { tf, read }) => pool(tf, value, read(value.x)),
  convolution_kernel_gradient: ofCompiler,
  max_pool_gradient: ofCompiler,
  average_pool_gradient: ofCompiler,
  scatter_add: ofCompiler,
  gather: ({ x, indices }, { tf, read }) => tf.gather(read(x), tf.cast(read(indices), 'int32')),
  slice: ({ x, starts, shape }, { tf, read }) => tf.slice(read(x), [...starts], [...shape]),
  take({ x, index, axis }, { tf, read }) {
    const starts = x.shape.map((_, i) => (i === axis ? (read(index).dataSync()[0] ?? 0) : 0))
    return tf.squeeze(tf.slice(read(x), starts, x.shape.with(axis, 1)), [axis])
  },
  pad: ({ x, padding, value }, { tf, read }) => tf.pad(read(x), pairsOf(padding), value),
  concat: ({ xs, axis }, { tf, read }) => tf.concat(xs.map(read), axis),
  transpose: ({ x, permutation }, { tf, read }) => tf.transpose(read(x), [...permutation]),
  reverse: ({ x, axis }, { tf, read }) => tf.reverse(read(x), axis),
  reshape: ({ x, shape }, { tf, read }) => tf.reshape(read(x), [...shape]),
  broadcast: ({ x, shape }, { tf, read }) => tf.broadcastTo(read(x), [...shape]),
  cast: (value, { tf, read }) => tf.cast(read(value.x), dtypeOf(value)),
  iota(value, { tf }) {
    const { shape, axis } = value
    const length = shape[axis] ?? 0
    const column = tf.reshape(
      tf.range(0, length, 1, dtypeOf(value)),
      shape.map((_, i) => (i === axis ? length : 1)),
    )
    return tf.broadcastTo(column, [...shape])
  },
  random(value, { tf, read, seed }) {
    const counter = read(value.counter).dataSync()[0] ?? 0
    const rows = value.rows && [...read(value.rows).dataSync()]
    const numbers = randomUniform(stream(seed, value.stream), counter, sizeOf(value.shape), rows)
    return tf.tensor(numbers, [...value.shape])
  },
  stop_gradient: ({ x }, { tf, read }) => detached(tf, () => tf.clone(read(x))),
  scan,
}

/** Unrolled: the gradient tape holds every step. */
function scan(value: Value<'scan'>, { tf, read, seed }: TensorExecution): Tensor {
  const { body, steps, reverse, axes } = value
  const captured = value.captured.map((x, n) => [nameOf('captured', n), read(x)] as const)
  const yields: Tensor[][] = axes.map(() => [])
  let states = value.initial.map(read)
  for (let i = 0; i < steps; i++) {
    const step = reverse ? steps - 1 - i : i
    const given = states.map((state, n) => [nameOf('state', n), state] as const)
    const inputs = new Map([[STEP, tf.scalar(step, 'int32')], ...captured, ...given])
    const results = execute(tf, body, inputs, seed)
    const result = (kind: 'state' | 'yield', n: number): Tensor => {
      const tensor = results.get(nameOf(kind, n))
      if (tensor === undefined) throw new Error(`the body of a scan makes no ${kind} ${n}`)
      return tensor
    }
    states = states.map((_, n) => result('state', n))
    for (const [n, list] of yields.entries()) list[step] = result('yield', n)
  }
  const { finals, stacks, length } = regionsOf(value)
  const regions = [...finals, ...stacks]
  const tensors = [...states, ...yields.map((list, n) => tf.stack(list, axes[n]))]
  const padded = tensors.map((tensor, n) => {
    const size = sizeOf(tensor.shape)
    const end = regions[n + 1]?.offset ?? length
    return tf.pad(tf.reshape(tensor, [size]), [[0, end - (regions[n]?.offset ?? 0) - size]])
  })
  return tf.concat(padded, 0)
}

/** Only the gradients of src/ir contain these. */
function ofCompiler({ op }: Value): never {
  throw new Error(`${op} belongs to the compiler's gradients: TensorFlow.js makes its own`)
}

const UNARY: Record<UnaryFunction, (tf: Tf, x: Tensor) => Tensor> = {
  // The gradient of tf.abs is -1 at 0.
  abs: (tf, x) =>
    tf.mul(
      x,
      detached(tf, () => tf.sign(x)),
    ),
  ceil: (tf, x) => tf.ceil(x),
  cos: (tf, x) => tf.cos(x),
  erf: (tf, x) => tf.erf(x),
  exp: (tf, x) => tf.exp(x),
  expm1: (tf, x) => tf.expm1(x),
  floor: (tf, x) => tf.floor(x),
  log: (tf, x) => tf.log(x),
  log1p: (tf, x) => tf.log1p(x),
  neg: (tf, x) => tf.neg(x),
  relu: (tf, x) => tf.relu(x),
  rsqrt: (tf, x) => tf.rsqrt(x),
  sigmoid: (tf, x) => tf.sigmoid(x),
  sign: (tf, x) => tf.sign(x),
  sin: (tf, x) => tf.sin(x),
  softplus: (tf, x) => tf.softplus(x),
  sqrt: (tf, x) => tf.sqrt(x),
  square: (tf, x) => tf.square(x),
  tanh: (tf, x) => tf.tanh(x),
}

const BINARY: Record<BinaryFunction, (tf: Tf, a: Tensor, b: Tensor) => Tensor> = {
  add: (tf, a, b) => tf.add(a, b),
  sub: (tf, a, b) => tf.sub(a, b),
  mul: (tf, a, b) => tf.mul(a, b),
  div: (tf, a, b) => tf.div(a, b),
  max: (tf, a, b) => tf.maximum(a, b),
  min: (tf, a, b) => tf.minimum(a, b),
  pow: (tf, a, b) => tf.pow(a, b),
  equal: (tf, a, b) => detached(tf, () => tf.cast(tf.equal(a, b), 'float32')),
  less: (tf, a, b) => detached(tf, () => tf.cast(tf.less(a, b), 'float32')),
  less_equal: (tf, a, b) => detached(tf, () => tf.cast(tf.lessEqual(a, b), 'float32')),
}

const REDUCE: Record<ReduceFunction, (tf: Tf, x: Tensor, axes: number[]) => Tensor> = {
  sum: (tf, x, axes) => tf.sum(x, axes),
  max: (tf, x, axes) => tf.max(x, axes),
  min: (tf, x, axes) => tf.min(x, axes),
  prod: (tf, x, axes) => tf.prod(x, axes),
}

/**
 * A constant to the gradient tape, because its node there has no inputs. Comparisons need it: TensorFlow.js has no
 * gradients for them and would throw, even where none is asked for.
 */
function detached(tf: Tf, compute: () => Tensor): Tensor {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))()
}

function dtypeOf(value: Value): 'float32' | 'int32' {
  return value.dtype === 'f32' ? 'float32' : 'int32'
}

/** A matrix without the leading axes of the other operand is one large product. */
function matmul(tf: Tf, value: Value<'matmul'>, a: Tensor, b: Tensor): Tensor {
  if (a.rank === 2 || b.rank > 2) return tf.matMul(a, b, value.transposeA, value.transposeB)
  const columns = a.shape.at(-1) ?? 0
  const rows = value.transposeA
    ? tf.transpose(
        a,
        a.shape.map((_, i) => (i < a.rank - 2 ? i : 2 * a.rank - 3 - i)),
      )
    : a
  const inner = value.transposeA ? (a.shape.at(-2) ?? 0) : columns
  return tf.reshape(tf.matMul(tf.reshape(rows, [-1, inner]), b, false, value.transposeB), [...value.shape])
}
